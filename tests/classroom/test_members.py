"""The list of a class, as schools' systems export it, meets what was handed in."""

import pytest

from grader.classroom.kept.gradebook import Student
from grader.classroom.received import members
from grader.errors import UsageError

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Homework 1 (99)
    Points Possible,,,,,100
"Lovelace, Ada",2345,S1,ada,Monday,
"Turing, Alan",99,S2,alan,Monday,
"Student, Test",7,,x,Monday,
"""
MOODLE = """\
\ufeffIdentifier,Full name,ID number,Email address,Grade
Participant 2345,Ada Lovelace,S1,ada@example.org,
Participant 99,Alan Turing,S2,alan@example.org,
"""


@pytest.fixture
def listed(tmp_path):
    """Write a table and read it."""

    def write(text: str) -> list[dict[str, str]]:
        path = tmp_path / "class.csv"
        path.write_text(text, encoding="utf-8")
        return members.read(path)

    return write


def test_canvas_tells_students_by_their_number(listed):
    """The squeezed name of a download gets the real one; who is missing is there; tests are not."""
    found = [Student("lovelaceada", {"id": "2345"})]
    ada, alan = sorted(members.joined(found, listed(CANVAS)), key=lambda s: s.name, reverse=True)
    assert (ada.name, ada.details["name"]) == ("lovelaceada", "Lovelace, Ada")
    assert ada.details["sis user id"] == "S1"
    assert (alan.name, alan.details["id"]) == ("Turing, Alan", "99")


def test_moodle_tells_students_by_their_participant(listed):
    """Or by their name, where a folder is named so."""
    found = [Student("Ada Lovelace"), Student("x", {"id": "99"})]
    joined = {student.name: student.details for student in members.joined(found, listed(MOODLE))}
    assert joined.keys() == {"Ada Lovelace", "x"}
    assert joined["Ada Lovelace"]["id"] == "2345"
    assert joined["x"] == {
        "id": "99",
        "name": "Alan Turing",
        "id number": "S2",
        "email": "alan@example.org",
    }


def test_a_table_of_ones_own_needs_one_column(listed):
    """Whoever handed in is known by that name; the others have nothing yet."""
    joined = members.joined([Student("ada")], listed("Student,Email\nada,a@x.org\nzoe,\n,\n"))
    assert joined == [Student("ada", {"email": "a@x.org"}), Student("zoe")]


def test_a_table_of_something_else_is_refused(listed, tmp_path):
    """With the columns that it lacks."""
    with pytest.raises(UsageError, match="no column `student`"):
        listed("a,b\n1,2\n")
    with pytest.raises(UsageError, match="There is no file"):
        members.read(tmp_path / "missing.csv")
