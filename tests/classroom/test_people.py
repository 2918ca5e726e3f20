"""Who is meant: names of today, names of before, pseudonyms, and names that are nobody's."""

import re
import shutil
from pathlib import Path

import pytest
from test_a_teachers_week import teach
from test_class import COURSE, ONE, RIGHT, write
from test_gradebook import MOMENT, SLUG, Class

from grader.classroom.exported.people import _Known
from grader.classroom.kept.gradebook import Gradebook, Student
from grader.classroom.received import identity, pseudonyms
from grader.classroom.received.roster import discover
from grader.classroom.run import ClassRun, Options
from grader.classroom.shown import pages, sheets
from grader.classroom.shown.analysis import Analysis
from grader.classroom.shown.grades import Rules, gradesheet
from grader.course import model as course
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


# --- whom the course names -----------------------------------------------------------------------


def test_whom_the_course_names_and_the_class_does_not_have(here):
    """In teams and extensions, people, teams and sections; who is meant by any name is fine."""
    here.book.people.rename("zoe", "Zoe Z.")
    here.book.people.set_team(["barbara"], "blue")
    policy = Policy(
        teams={"red": ("7", "yves", "zoe")},
        extensions=(
            Extension(MOMENT, student="zow"),
            Extension(MOMENT, student="BARBARA"),
            Extension(MOMENT, team="read"),
            Extension(MOMENT, team="red"),
            Extension(MOMENT, team="blue"),
            Extension(MOMENT, section="Monday"),
        ),
    )
    rules = Rules(policy, here.book.students(), [])
    assert rules.strangers == [
        "yves (team red)",
        "zow (extension)",
        "the team read (extension)",
        "the section Monday (extension)",
    ]
    assert "yves (team red), zow" in rules.notes[0]
    assert Rules(Policy(), here.book.students(), []).notes == []


@pytest.fixture
def misspelt(tmp_path) -> Path:
    """A course whose policy gives time to somebody who is nobody."""
    shutil.copytree(COURSE, tmp_path / "course")
    file = tmp_path / "course" / "exercises" / "course.toml"
    policy = '[[policy.extensions]]\nstudent = "zow"\nuntil = 2026-10-01T00:00:00Z\n[[parts]]'
    file.write_text(file.read_text().replace("[[parts]]", policy, 1))
    return tmp_path / "course"


def test_it_is_said_before_and_after_grading(misspelt, tmp_path, monkeypatch):
    """By a rehearsal, by the run, and when tables are written anew."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "class", {f"ada/{ONE}.py": RIGHT})
    said = teach("class", "class", "-o", "out", "--course", misspelt, "--dry-run")
    assert "zow (extension)" in said
    loaded = course.load(misspelt)
    found = discover(tmp_path / "class", loaded.exercises)
    with Gradebook.open(tmp_path / "gradebook.sqlite3") as book:
        (note,) = ClassRun(book, Options()).plan(found, loaded).notes
    assert "zow (extension)" in note
    assert "zow (extension)" in teach("gradebook", "publish", "-o", "out", "--course", misspelt)


# --- pages ---------------------------------------------------------------------------------------


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def published(here) -> set[str]:
    sheet = gradesheet(here.book, Policy())
    folder = Path("out")
    folder.mkdir(exist_ok=True)
    sheets.write_reports(folder, sheet)
    pages.write_pages(folder, sheet, "Course")
    return files(folder)


def test_pages_of_who_is_there_no_more_are_removed(here):
    """Renamed, merged or dropped; what somebody else put there stays, and so do the others'."""
    first = published(here)
    own = Path("out/reports/ada/notes.txt")
    own.write_text("mine")
    other = Path("out/reports/scripts")
    other.mkdir()
    (other / "index.html").write_text("<p>mine")
    here.book.people.rename("ada", "Lovelace")
    here.book.people.merge("zoe", "barbara")
    record = next(name for name in first if name.startswith("records/ada/"))
    assert published(here) == {
        "index.html",
        "reports/Lovelace/index.html",
        "reports/barbara/index.html",
        record.replace("ada", "Lovelace"),
        "reports/ada/notes.txt",
        "reports/scripts/index.html",
    }
    assert not Path("out/records/ada").exists()
    here.book.people.drop("Lovelace")
    assert "reports/barbara/index.html" in published(here)
    assert not Path("out/reports/Lovelace").exists()


def test_more_time_is_on_the_page_and_in_the_table(here):
    """By whom and why, whether or not something was handed in; the course's too."""
    teach("extend", "ada", "--until", "2026-10-08T22:00:00Z", "--why", "<ill>", "--by", "ann")
    teach("extend", "zoe", 3, "--until", "2026-10-08T22:00:00Z")
    policy = Policy(extensions=(Extension(MOMENT, student="barbara"),))
    sheet = gradesheet(here.book, policy)
    analysis = Analysis(sheet)
    ada, barbara, zoe = (pages.student_page(analysis, each, "C") for each in sheet.students)
    assert "more time, until 2026-10-08 22:00 UTC (&lt;ill&gt;) – ann" in ada
    assert "nothing was handed in; more time, until 2026-10-08 22:00 UTC" in zoe
    assert "more time, until 2026-03-01 12:30 UTC+02:00" in barbara
    table = sheets.render(sheet)
    assert re.search(r"ada,.*more time until 2026-10-08 22:00 UTC by ann, .*: <ill>", table)
    assert re.search(r"barbara,.*missing,.*more time until .* by the course", table)
    assert sheet.total(sheet.students[2]) == 0
