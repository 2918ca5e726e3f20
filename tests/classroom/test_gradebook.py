"""What a gradebook keeps, the same in SQLite and PostgreSQL."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text

from grader.classroom.kept.gradebook import Gradebook, HandIn, Student
from grader.course import model as course
from grader.errors import UsageError
from grader.grading.keys import Key
from grader.report import (
    Interval,
    Misconception,
    PropertyResult,
    PropertyStatus,
    Report,
    Status,
    Timing,
    TimingVerdict,
)

EXERCISE = course.load(course.bundled()).exercise("3")
SLUG = EXERCISE.slug
MOMENT = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=timezone(timedelta(hours=2)))
REPORT = Report(
    number=3,
    slug=SLUG,
    title=EXERCISE.title,
    path="ada/ex03.py",
    sha256="a" * 64,
    status=Status.PARTIAL,
    score=40,
    max_score=100,
    properties=(
        PropertyResult("test_a", "A.", PropertyStatus.PASSED, 40, 40, seconds=0.5),
        PropertyResult("test_b", "B.", PropertyStatus.FAILED, 0, 60, "No.", "x = 1"),
    ),
    misconception=Misconception("Unscaled", "Divide."),
    timing=Timing("cpu", TimingVerdict.OK, 3.0, 1.5, 1.0, None, Interval(1.5, 1.0, 2.0), None, 12),
    printed="NUL \0, half a character \ud800, \N{SNOWMAN}\n" + "x" * 100_000,
    seed=7,
    environment={"torch": "2.13", "threads": 1},
    sandbox={"seccomp": "active"},
    seconds=0.75,
)


def key(sha256: str = "a" * 64, **changes: object) -> Key:
    return replace(
        Key(sha256, "s" * 64, "ex03.py", "e" * 64, 7, False, "cpu", "grade 0"), **changes
    )


def hand_in(student: str = "ada", sha256: str = "a" * 64, **changes: object) -> HandIn:
    return replace(HandIn(student, SLUG, sha256, f"{student}/ex03.py", MOMENT), **changes)


class Class:
    """A gradebook with a run begun in it."""

    def __init__(self, book: Gradebook) -> None:
        self.book = book
        self.run = self.begin()
        book.enrol([Student("ada", {"id": "7"}), Student("zoe")], [EXERCISE])

    def begin(self, **changes: object):
        given = {"seed": 7, "engine": "grade 0", "why": "", "options": {}, **changes}
        return self.book.begin(**given)

    def graded(self, *found: HandIn, report: Report = REPORT, run=None, why="first graded"):
        run = run or self.run
        for each, attempt in zip(found, self.book.note(run, found), strict=True):
            self.book.record(run, attempt, key(each.sha256), report, why)


@pytest.fixture
def klass(place):
    """An open gradebook of either kind, with Ada and Zoe in it."""
    with Gradebook.open(place) as book:
        yield Class(book)


def test_a_report_comes_back_as_it_was(klass, place):
    """Every field, whatever a student's code printed, by another reader of the same gradebook."""
    klass.graded(hand_in())
    with Gradebook.open(place) as again:
        (result,) = again.latest().values()
        assert result.report == REPORT
        assert (result.score, result.status, result.seed) == (40, Status.PARTIAL, 7)
        assert [s.name for s in again.students()] == ["ada", "zoe"]
        assert again.students()[0].details == {"id": "7"}
        assert [(c.slug, c.number, c.max_score) for c in again.exercises()] == [(SLUG, 3, 100)]


def test_a_result_is_there_for_good_when_it_is_recorded(klass, place):
    """Nobody needs to end the run, or close the gradebook."""
    klass.graded(hand_in())
    with Gradebook.open(place) as again:
        assert len(again.latest()) == 1
        assert again.runs()[0].ended_at is None


def test_regrading_adds_to_the_history(klass):
    """Who graded, when and why stays, with the older results; the newest one counts."""
    klass.graded(hand_in())
    second = klass.begin(why="typo in exercise 3")
    better = replace(REPORT, score=60)
    klass.graded(hand_in(), report=better, run=second, why="the exercise changed")
    (newest,) = klass.book.latest().values()
    assert newest.report == better
    history = klass.book.history("ada", SLUG)
    assert [(r.score, r.why, r.run) for r in history] == [
        (40, "first graded", klass.run.id),
        (60, "the exercise changed", second.id),
    ]
    assert all(r.who and r.graded_at.tzinfo for r in history)
    assert klass.book.history("zoe", SLUG) == []


def test_grading_never_changes_when_something_was_handed_in(klass):
    """The first moment known stays, unless somebody has written down another."""
    klass.graded(hand_in())
    later = MOMENT + timedelta(days=3)
    klass.graded(hand_in(submitted_at=later, path="ada/copied.py"), run=klass.begin())
    (attempt,) = klass.book.attempts()
    assert attempt.submitted_at == MOMENT
    assert attempt.path == "ada/copied.py"
    klass.book.note(klass.begin(), [hand_in(submitted_at=later, dated_by="table")])
    assert klass.book.attempts()[0].submitted_at == later


def test_other_content_is_another_attempt(klass):
    """Attempts come in the order in which they were handed in, whoever found them first."""
    klass.graded(hand_in(sha256="b" * 64, submitted_at=MOMENT + timedelta(hours=1)))
    klass.graded(hand_in())
    assert [a.sha256[0] for a in klass.book.attempts()] == ["a", "b"]


def test_what_is_known_is_found_by_its_key(klass):
    """Whoever's it was; what could not be graded is not known."""
    klass.graded(hand_in(), hand_in("zoe", "c" * 64))
    ungraded = replace(REPORT, status=Status.UNGRADED, score=0)
    klass.graded(hand_in("zoe", "d" * 64), report=ungraded)
    wanted = [key(sign * 64).digest for sign in "abcd"]
    assert klass.book.known(wanted).keys() == {key("a" * 64).digest, key("c" * 64).digest}


@pytest.mark.parametrize(
    "change", [{"exercise": "f" * 64}, {"seed": 8}, {"speed": True}, {"engine": "grade 1"},
               {"filename": "b.py"}, {"submission": "b" * 64}, {"device": "cuda"}]
)  # fmt: skip
def test_a_key_is_made_of_all_that_a_result_depends_on(change):
    """Submission, exercise, seed, engine and what was measured: each makes another key."""
    assert key(**change).digest != key().digest


def test_a_student_may_be_called_anything(klass):
    """No name is ever read as SQL."""
    name = "Robert'); DROP TABLE students;--"
    klass.book.enrol([Student(name, {"e-mail": "'\"%s"})], [EXERCISE])
    klass.graded(hand_in(name))
    assert {s.name for s in klass.book.students()} == {"ada", "zoe", name}


def test_what_is_known_of_a_student_is_added_to(klass):
    """A run that knows less takes nothing away."""
    klass.book.enrol([Student("ada", {"email": "ada@example.org"}), Student("zoe")], [])
    assert klass.book.students()[0].details == {"id": "7", "email": "ada@example.org"}


def test_one_run_at_a_time_writes(klass, place):
    """A second one is told so, and may begin when the first is over."""
    with Gradebook.open(place) as other:
        with klass.book.held():
            refused = pytest.raises(UsageError, match="Another `grade class` is at work")
            with refused, other.held():
                pass
        with other.held():
            pass


def test_a_run_knows_when_it_ended(klass):
    """One that was cut off has no end."""
    klass.book.end(klass.run)
    klass.begin()
    first, second = klass.book.runs()
    assert first.ended_at is not None
    assert first.ended_at >= first.started_at
    assert second.ended_at is None


def test_a_gradebook_of_another_version_is_refused(tmp_path):
    """It is neither read wrongly nor changed."""
    path = tmp_path / "gradebook.sqlite3"
    Gradebook.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE gradebook SET version = 99")
    with pytest.raises(UsageError, match="version 99"):
        Gradebook.open(path)


def test_a_database_of_something_else_is_left_alone(tmp_path):
    """Its tables are no gradebook's."""
    path = tmp_path / "other.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE students (x INTEGER)")
    with pytest.raises(UsageError, match="holds something else"):
        Gradebook.open(path)


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("mysql://ada@localhost/grades", "SQLite or PostgreSQL"),
        ("not an address", "no address"),
        ("postgresql://ada:secret@/grades?host=/nowhere", "cannot be opened"),
    ],
)
def test_an_address_that_leads_nowhere_is_said(place, says):
    """In a sentence, and without its password."""
    with pytest.raises(UsageError, match=says) as caught:
        Gradebook.open(place)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_said(tmp_path):
    """A sentence, no traceback."""
    path = tmp_path / "gradebook.sqlite3"
    path.write_text("this is not SQLite" * 100)
    with pytest.raises(UsageError, match="is no gradebook"):
        Gradebook.open(path)


def test_a_database_that_fails_on_the_way_is_said(klass):
    """One sentence, and what to do; no traceback in the middle of a class."""
    (attempt,) = klass.book.note(klass.run, [hand_in()])
    with klass.book._engine.begin() as connection:
        connection.execute(text("DROP TABLE results"))
    with pytest.raises(UsageError, match=r"fails: .*results") as caught:
        klass.book.record(klass.run, attempt, key(), REPORT, "")
    assert "--resume" in caught.value.advice


def test_moments_keep_their_instant(klass):
    """Whatever zone they were written in."""
    utc = MOMENT.astimezone(UTC)
    klass.graded(hand_in())
    assert klass.book.attempts()[0].submitted_at == utc
