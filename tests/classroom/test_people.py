"""Who is meant: names of today, names of before, pseudonyms, and names that are nobody's."""

from pathlib import Path

import pytest
from test_a_teachers_week import teach
from test_gradebook import MOMENT, SLUG, Class, hand_in

from grader.classroom.exported.people import _Known
from grader.classroom.kept.gradebook import Gradebook, Student
from grader.classroom.received import identity
from grader.classroom.shown.grades import gradesheet
from grader.course.model import Extension, Policy
from grader.errors import UsageError


@pytest.fixture
def klass(tmp_path, monkeypatch):
    """Ada (id 7), Barbara and Zoe; Ada has handed in. The gradebook is the one here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADE_GRADEBOOK", raising=False)
    with Gradebook.open(Path("gradebook.sqlite3")) as book:
        made = Class(book)
        book.enrol([Student("barbara")], [])
        made.graded(hand_in(dated_by="table"))
        yield made


def names(klass: Class) -> list[str]:
    return [each.name for each in klass.book.students()]


# --- renaming ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("new", "says"),
    [
        ("Ada", "already"),
        (" ADA ", "already"),
        ("7", "already"),  # her id
        ("", "no name"),
        ("  ", "no name"),
        ("\u200b", "no name"),
        (".", "no name"),
    ],
)
def test_nobody_gets_a_name_that_means_another_or_nobody(klass, new, says):
    """As among hand-ins: capitals, spaces and signs that nobody sees make no other name."""
    with pytest.raises(UsageError, match=says):
        teach("student", "rename", "barbara", new)
    assert names(klass) == ["ada", "barbara", "zoe"]
    with pytest.raises(UsageError, match="no student ''"):
        teach("mark", "", 3, "--score", 5)


def test_ones_own_name_may_be_spelled_otherwise(klass):
    """And a name has no spaces around it."""
    teach("student", "rename", "ada", " Ada  Lovelace ")
    teach("student", "rename", "Ada Lovelace", "ADA Lovelace")
    assert names(klass) == ["ADA Lovelace", "barbara", "zoe"]


def once_called_ada(klass: Class) -> None:
    """As gradebooks are in which Barbara was called Ada for a while."""
    klass.book.people.rename("barbara", "Ada")
    klass.book.people.rename("Ada", "barbara")


def test_a_former_name_is_never_somebody_elses(klass):
    """Neither in a command, nor in the course's teams and extensions, an import, or a folder."""
    once_called_ada(klass)
    for written in ("Ada", "ADA", "ada"):
        assert "ada, 3." in teach("mark", written, 3, "--comment", "hello")
    policy = Policy(teams={"red": ("Ada", "zoe")}, extensions=(Extension(MOMENT, student="ADA"),))
    sheet = gradesheet(klass.book, policy)
    assert ("barbara", SLUG) not in sheet.grades
    assert sheet.grades["zoe", SLUG].author == "ada"
    known = klass.book.students()
    assert [s.name for s in _Known(known, []).whose({"name": "Ada"}, ids_last=False)[0]] == ["ada"]
    assert identity.aliased([Student("Ada")], known, {}) == {}


def test_a_former_name_that_nobody_has_still_means_its_owner(klass):
    """In all of those."""
    klass.book.people.rename("ada", "Lovelace")
    assert "Lovelace" in teach("mark", "ADA", 3, "--comment", "hello")
    sheet = gradesheet(klass.book, Policy(teams={"red": ("ada", "zoe")}))
    assert sheet.grades["zoe", SLUG].author == "Lovelace"
    known = klass.book.students()
    assert identity.aliased([Student("Ada")], known, {})["Ada"].name == "Lovelace"


def test_a_name_that_is_taken_over_is_its_new_owners(klass):
    """Two whose names were mixed up are given the right ones by way of a third."""
    for old, new in (("ada", "x"), ("barbara", "ada"), ("x", "barbara")):
        teach("student", "rename", old, new)
    sheet = gradesheet(klass.book, Policy(teams={"red": ("ada", "zoe")}))
    assert sheet.grades["barbara", SLUG].raw == 40
    assert ("ada", SLUG) not in sheet.grades
    assert ("zoe", SLUG) not in sheet.grades
