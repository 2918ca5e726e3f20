"""Who is meant: names of today, names of before, pseudonyms, and names that are nobody's."""

import pytest
from test_a_teachers_week import teach
from test_gradebook import MOMENT, SLUG, Class

from grader.classroom.exported.people import _Known
from grader.classroom.kept.gradebook import Student
from grader.classroom.received import identity, pseudonyms
from grader.classroom.shown.grades import gradesheet
from grader.course.model import Extension, Policy
from grader.errors import UsageError


def names(here: Class) -> list[str]:
    return [each.name for each in here.book.students()]


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
def test_nobody_gets_a_name_that_means_another_or_nobody(here, new, says):
    """As among hand-ins: capitals, spaces and signs that nobody sees make no other name."""
    with pytest.raises(UsageError, match=says):
        teach("student", "rename", "barbara", new)
    assert names(here) == ["ada", "barbara", "zoe"]
    with pytest.raises(UsageError, match="no student ''"):
        teach("mark", "", 3, "--score", 5)


def test_ones_own_name_may_be_spelled_otherwise(here):
    """And a name has no spaces around it."""
    teach("student", "rename", "ada", " Ada  Lovelace ")
    teach("student", "rename", "Ada Lovelace", "ADA Lovelace")
    assert names(here) == ["ADA Lovelace", "barbara", "zoe"]


def once_called_ada(here: Class) -> None:
    """As gradebooks are in which Barbara was called Ada for a while."""
    here.book.people.rename("barbara", "Ada")
    here.book.people.rename("Ada", "barbara")


def test_a_former_name_is_never_somebody_elses(here):
    """Neither in a command, nor in the course's teams and extensions, an import, or a folder."""
    once_called_ada(here)
    for written in ("Ada", "ADA", "ada"):
        assert "ada, 3." in teach("mark", written, 3, "--comment", "hello")
    policy = Policy(teams={"red": ("Ada", "zoe")}, extensions=(Extension(MOMENT, student="ADA"),))
    sheet = gradesheet(here.book, policy)
    assert ("barbara", SLUG) not in sheet.grades
    assert sheet.grades["zoe", SLUG].author == "ada"
    known = here.book.students()
    assert [s.name for s in _Known(known, []).whose({"name": "Ada"}, ids_last=False)[0]] == ["ada"]
    assert identity.aliased([Student("Ada")], known, {}) == {}


def test_a_former_name_that_nobody_has_still_means_its_owner(here):
    """In all of those."""
    here.book.people.rename("ada", "Lovelace")
    assert "Lovelace" in teach("mark", "ADA", 3, "--comment", "hello")
    sheet = gradesheet(here.book, Policy(teams={"red": ("ada", "zoe")}))
    assert sheet.grades["zoe", SLUG].author == "Lovelace"
    known = here.book.students()
    assert identity.aliased([Student("Ada")], known, {})["Ada"].name == "Lovelace"


def test_a_name_that_is_taken_over_is_its_new_owners(here):
    """Two whose names were mixed up are given the right ones by way of a third."""
    for old, new in (("ada", "x"), ("barbara", "ada"), ("x", "barbara")):
        teach("student", "rename", old, new)
    sheet = gradesheet(here.book, Policy(teams={"red": ("ada", "zoe")}))
    assert sheet.grades["barbara", SLUG].raw == 40
    assert ("ada", SLUG) not in sheet.grades
    assert ("zoe", SLUG) not in sheet.grades


# --- pseudonyms ----------------------------------------------------------------------------------


def test_a_pseudonym_means_its_student_and_is_what_lines_say(here):
    """Who grades without names can decide, and reads no name meanwhile."""
    ada = pseudonyms.of_book(here.book)["ada"]
    said = [
        teach("mark", ada, 3, "--score", 85),
        teach("mark", ada.removeprefix("student "), 3, "--comment", "hello"),
        teach("mark", ada, 3, "--undo"),
        teach("extend", ada, 3, "--until", "2026-10-08T23:59:00Z"),
        teach("history", ada),
    ]
    assert all(ada in text for text in said)
    assert not [text for text in said if "ada" in text.replace(ada, "")]
    assert gradesheet(here.book, Policy()).grades["ada", SLUG].score == 85
    with pytest.raises(UsageError, match="no student"):
        teach("mark", "student 00", 3, "--score", 85)
