"""Marks, time and upkeep as they are typed: what is refused, what is taken back, what is said."""

import re
from pathlib import Path

import pytest
from test_a_teachers_week import teach
from test_gradebook import SLUG
from typer.testing import CliRunner

from grader.classroom.kept.decisions import Kind
from grader.classroom.kept.gradebook import Gradebook, Student
from grader.classroom.received import members
from grader.classroom.shown.grades import gradesheet
from grader.cli import app
from grader.course.model import Policy
from grader.errors import UsageError

UNTIL = "2026-10-08T23:59:00+02:00"


def score(here) -> float | None:
    return gradesheet(here.book, Policy()).grades["ada", SLUG].score


def test_more_than_full_marks_must_be_meant(here):
    """With a flag of its own, and twice at most."""
    for words in (["200"], ["100.5"], ["201", "--bonus"]):
        with pytest.raises(UsageError, match="is no score of 100"):
            teach("mark", "ada", 3, "--score", *words)
    with pytest.raises(UsageError, match="--bonus"):
        teach("mark", "ada", 3, "--score", 110)
    assert score(here) == 40
    said = teach("mark", "ada", 3, "--score", 110, "--bonus")
    assert "To have it in tables and pages: grade gradebook publish --output DIR" in said
    assert score(here) == 110


def test_a_decision_is_taken_back_by_its_number(here):
    """The last one without a number; of that student and exercise alone."""
    teach("mark", "ada", 3, "--score", 80)
    teach("mark", "ada", 3, "--comment", "hello")
    teach("mark", "zoe", 3, "--score", 10)
    with pytest.raises(UsageError, match=r"No decision 3 holds for ada in exercise 3") as caught:
        teach("mark", "ada", 3, "--undo", "--decision", 3)
    assert "1 (80), 2 (comment)" in str(caught.value)
    said = teach("mark", "ada", 3, "--undo", "--decision", 1)
    assert "took back decision 1 (80) for ada in exercise 3" in said
    assert score(here) == 40
    assert "took back decision 2 (comment)" in teach("mark", "ada", 3, "--undo")
    assert "took back decision 1 (80) on 3." in teach("history", "ada")
    with pytest.raises(UsageError, match=r"Nothing has been decided for ada in exercise 3\."):
        teach("mark", "ada", 3, "--undo")
    with pytest.raises(UsageError, match="Add --undo"):
        teach("mark", "ada", 3, "--score", 5, "--decision", 1)


def test_an_extension_is_taken_back_by_exercise_or_number(here):
    """And says which."""
    teach("extend", "ada", "--until", UNTIL)
    assert "ada, 3. " in teach("extend", "ada", 3, "--until", UNTIL)
    assert "(1) for ada" not in teach("extend", "ada", 3, "--undo")
    with pytest.raises(UsageError, match="ada has no extension to take back in exercise 3"):
        teach("extend", "ada", 3, "--undo")
    assert "for ada in every exercise" in teach("extend", "ada", "--undo", "--decision", 1)
    assert here.book.decisions.valid() == []


# --- tables --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hello", "no column `student` or `team`"),
        ("", "no column `student` or `team`"),
        ("student,when\nada,x\nzoe,y\n", r"no column `until` in its first line\.\nA table"),
        ("student,until\n", "no row below its headings"),
        ("student,until\n,\n", "no row below its headings"),
        ("student,until\nada,25.11.2026 22:10\n", "line 2: '25.11.2026 22:10' is not a date with"),
        ("student,until\nada,\n", "line 2: It is not said until when"),
        ("student,until\nada\xff".encode("latin-1"), "no table in UTF-8"),
        (None, r"There is no file time\.csv"),
    ],
)
def test_a_table_that_gives_nobody_time_is_refused(here, text, says):
    """With what it lacks, once."""
    if text is not None:
        Path("time.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UsageError, match=says):
        teach("extend", "--table", "time.csv")
    assert here.book.decisions.all() == []


@pytest.mark.parametrize("sign", [",", ";"])
def test_the_same_table_again_changes_nothing(here, sign):
    """And lines say who and what; spreadsheets may part cells by semicolons."""
    text = f"student,exercise,until\nada,3,{UNTIL}\nada,3,{UNTIL}\nzoe,,{UNTIL}\n"
    Path("time.csv").write_text(text.replace(",", sign))
    said = teach("extend", "--table", "time.csv")
    assert re.search(r"ada, 3\. .*: until 2026-10-08 23:59", said)
    assert "zoe, every exercise: until" in said
    again = teach("extend", "--table", "time.csv")
    assert "zoe, every exercise: has that time already (2)" in again
    assert [each.kind for each in here.book.decisions.all()] == [Kind.EXTENSION] * 2


def test_a_class_list_may_have_semicolons(tmp_path):
    """As Excel writes it in much of Europe."""
    path = tmp_path / "class.csv"
    path.write_text("\ufeffStudent;Name;ID\nada;Lovelace, Ada;7\n")
    assert members.read(path) == [{"student": "ada", "name": "Lovelace, Ada", "id": "7"}]


@pytest.mark.parametrize(
    "words",
    [
        ["extend", "--table", "nope.csv"],
        ["gradebook", "fill", "nope.csv", "-o", "out.csv"],
        ["history", "ada", "--gradebook", "@nope.csv"],
    ],
)
def test_a_file_that_is_not_there_is_named(here, words):
    """Without what the system calls it."""
    with pytest.raises(UsageError, match=r"^There is no file nope\.csv\.$"):
        teach(*words)


# --- upkeep --------------------------------------------------------------------------------------


def check(*words: str) -> tuple[int, str]:
    """How a command ends, and what is said, on the screen or by its error. Never a traceback."""
    done = CliRunner().invoke(app, list(words), catch_exceptions=True)
    if isinstance(done.exception, UsageError):
        return 2, str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@pytest.mark.parametrize("part", range(8))
def test_a_damaged_file_is_said_to_be_damaged(here, part):
    """Wherever it was overwritten, and what to do then; no command has a traceback."""
    here.book.close()
    path = Path("gradebook.sqlite3")
    data = bytearray(path.read_bytes())
    length = len(data) // 8 // 4096 * 4096
    data[part * length : (part + 1) * length] = b"\x5a" * length
    path.write_bytes(data)
    code, said = check("gradebook", "check")
    assert code == 2, said
    if part:
        assert "damaged" in said
        assert "grade gradebook backup" in said
    else:
        assert said.startswith("gradebook.sqlite3 is no gradebook.")
    for words in (["history", "ada"], ["gradebook", "backup", "copy.sqlite3"]):
        _, said = check(*words)
        assert "--resume" not in said
    assert check("gradebook", "backup", "another.sqlite3")[0] == 2  # no copy to be relied on


def test_what_is_no_gradebook_is_said_so(here):
    """By its name, as it was typed."""
    Path("bad.csv").write_text("a,b\n1,2\n" * 500)
    with pytest.raises(UsageError, match=r"^bad\.csv is no gradebook\."):
        teach("gradebook", "check", "--gradebook", "bad.csv")


def test_a_database_of_several_books_asks_for_one(tmp_path, monkeypatch):
    """Where the one without a name holds nothing; looking at all of it needs none."""
    monkeypatch.chdir(tmp_path)
    for name in ("hw1", "hw2"):
        with Gradebook.open(Path("gradebook.sqlite3"), name) as book:
            book.enrol([Student("ada")], [])
    for words in (["history", "ada"], ["mark", "ada", 3, "--score", 5], ["student", "drop", "ada"],
                  ["gradebook", "publish", "-o", "out"]):  # fmt: skip
        with pytest.raises(UsageError, match=r"which book .*: hw1, hw2\.\n.*--book NAME"):
            teach(*words)
    assert "ada" in teach("history", "ada", "--book", "hw2")
    said = teach("gradebook", "check")
    assert "Book hw1 is whole: 0 attempts of 1 student." in said
    assert "Book hw2" in said
    assert "0 students" not in said
    assert "today's format" in teach("gradebook", "upgrade")
