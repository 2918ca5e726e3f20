"""What a learner's history remembers, whoever else uses its file, and in what state it is."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.course import model as course
from grader.course.model import Course
from grader.learner import history
from grader.learner.history import History
from grader.report import (
    Interval,
    PropertyResult,
    PropertyStatus,
    Report,
    Status,
    Timing,
    TimingVerdict,
)

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "tests" / "example_course"
COURSE = """
title = "Three"
[[parts]]
title = "One"
[[parts.exercises]]
number = 5
slug = "first"
title = "First"
functions = ["first"]
hints = [
    { text = "a nudge" },
    { text = "on values", property = "test_values" },
    { text = "on zeros", property = "test_zeros" },
    { text = "the line" },
]
[[parts.exercises]]
number = 2
slug = "second"
title = "Second"
functions = ["second"]
[[parts.exercises]]
number = 9
slug = "third"
title = "Third"
functions = ["third"]
"""


@pytest.fixture(autouse=True)
def _beside_the_course(monkeypatch):
    """Histories lie in their course's folder."""
    monkeypatch.delenv("GRADE_HISTORY")


@pytest.fixture
def three(tmp_path) -> Course:
    """A course of three exercises, whose numbers are not in order."""
    folder = tmp_path / "course"
    (folder / "exercises").mkdir(parents=True)
    (folder / "exercises" / "course.toml").write_text(COURSE)
    for exercise in course.load(folder).exercises:
        exercise.stub.write_text(f"def {exercise.slug}(x):\n    raise NotImplementedError\n")
    return course.load(folder)


def report(slug="first", status=Status.PARTIAL, score=40, failing=(), **more) -> Report:
    properties = tuple(
        PropertyResult(name, "A title.", PropertyStatus.FAILED, 0, 10) for name in failing
    )
    number = {"first": 5, "second": 2, "third": 9}[slug]
    return Report(
        number, slug, slug.title(), f"{slug}.py", "5ha", status, score, 100, properties, **more
    )


def timing(ratio: float) -> Timing:
    interval = Interval(ratio, ratio / 2, ratio * 2)
    return Timing("cpu", TimingVerdict.OK, 3.0, 4.5, 3.0, None, interval, None, 12)


PASSED = {"status": Status.PASSED, "score": 100}


def test_an_attempt_is_remembered_whole(three):
    """Time, score, seed, hash, running time and failing properties come back as they went in."""
    at = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    seed = 3**60  # more than a database's integers hold
    History.of(three).record(
        report(failing=["test_b", "test_a"], seed=seed, timing=timing(1.5)), at
    )
    (attempt,) = History.of(three).attempts(three.exercise("first"))
    assert attempt == history.Attempt(
        at=at,
        number=5,
        slug="first",
        status=Status.PARTIAL,
        score=40,
        max_score=100,
        seed=seed,
        sha256="5ha",
        ratio=1.5,
        milliseconds=4.5,
        failing=("test_b", "test_a"),
    )


def test_the_best_attempt_has_the_highest_score_and_of_those_the_best_time(three):
    """Neither a later and worse one counts, nor one without a time before one with it."""
    kept = History.of(three)
    first = three.exercise("first")
    assert kept.best(first) is None
    for more in ({}, PASSED, PASSED | {"timing": timing(2.0)}, PASSED | {"timing": timing(2.5)}):
        kept.record(report(**more))
    kept.record(report(score=10))
    assert (kept.best(first).score, kept.best(first).ratio) == (100, 2.0)
    assert kept.has_passed(first)
    assert not kept.has_passed(three.exercise("second"))


def test_the_next_exercise(three):
    """It is the one at hand until that is passed, then the first after it in the course's order,
    then those left out, then those given up; none when all are passed."""
    kept = History.of(three)

    def following(**more) -> str | None:
        found = kept.next_exercise(three, **more)
        return found.slug if found else None

    assert following() == "first"
    kept.record(report("second"))
    assert following() == "second"
    assert following(after=three.exercise("second")) == "third"
    kept.record(report("second", **PASSED))
    assert following() == "third"
    kept.give_up(three.exercise("third"))
    assert following() == "first"
    kept.record(report("first", **PASSED))
    assert following() == "third"
    assert kept.has_given_up(three.exercise("third"))
    kept.record(report("third", **PASSED))
    assert following() is None


def hints(kept: History, three: Course, count: int) -> list[str]:
    given = (kept.next_hint(three.exercise("first")) for _ in range(count))
    return [hint.text if hint else "none" for hint in given]


def test_hints_come_one_by_one_and_are_remembered(three):
    """Each is given once, the gentlest first, also by another program later on."""
    assert hints(History.of(three), three, 2) == ["a nudge", "on values"]
    assert History.of(three).tiers(three.exercise("first")) == 2
    assert hints(History.of(three), three, 3) == ["on zeros", "the line", "none"]


def test_a_hint_speaks_of_what_failed_last(three):
    """Where some points are earned, the hint on a failing property comes before the others."""
    kept = History.of(three)
    kept.record(report(failing=["test_values"]))
    kept.record(report(failing=["test_zeros"]))
    assert hints(kept, three, 3) == ["on zeros", "a nudge", "on values"]


def test_without_a_point_the_gentlest_hint_is_first(three):
    """Where nothing is right yet, the beginning is what helps."""
    kept = History.of(three)
    kept.record(report(score=0, status=Status.FAILED, failing=["test_zeros"]))
    assert hints(kept, three, 1) == ["a nudge"]


WRITER = """
import sys
from pathlib import Path
from grader.course import model as course
from grader.learner.history import History
from grader.report import Report, Status
three, name = course.load(Path(sys.argv[1])), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
kept = History.of(three)
for n in range(int(sys.argv[3])):
    kept.record(Report(5, "first", "First", "first.py", name, Status.FAILED, n, 100))
tiers = []
while (hint := kept.next_hint(three.exercise("first"))) is not None:
    tiers.append(hint.text)
import json
print(json.dumps([tiers, kept.notice]))
"""


def at_once(three: Course, records: int) -> list[tuple[list[str], str | None]]:
    """What two processes say that record and take hints at the same time."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, three.folder, name, str(records)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for name in "ab"
    ]  # fmt: skip
    for process in processes:
        process.stdout.readline()
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    return [tuple(json.loads(process.communicate()[0])) for process in processes]


def test_two_programs_at_once_lose_nothing(three):
    """Every attempt of both is there, in each one's order, and no hint was given twice."""
    said = at_once(three, 40)
    assert [notice for _, notice in said] == [None, None]
    assert sorted(said[0][0] + said[1][0]) == ["a nudge", "on values", "on zeros", "the line"]
    attempts = History.of(three).attempts(three.exercise("first"))
    for name in "ab":
        assert [a.score for a in attempts if a.sha256 == name] == list(range(40))
    assert [path.name for path in three.folder.iterdir() if path.is_file()] == [history.FILE]


def rubbish(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 64)


def half(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:100] + b"\xff" * (len(data) - 100))


def alter(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(statement)
        db.commit()


def foreign(path: Path) -> None:
    path.unlink()
    alter(path, "CREATE TABLE attempts (pulse INTEGER)")


def without_a_table(path: Path) -> None:
    alter(path, "DROP TABLE attempts")


def with_nonsense(path: Path) -> None:
    alter(path, "UPDATE attempts SET at = NULL")


@pytest.mark.parametrize(
    "damage", [rubbish, half, foreign, without_a_table, with_nonsense], ids=lambda d: d.__name__
)
def test_a_broken_file_is_set_aside(three, damage):
    """What cannot be read is kept under another name, that is said, and a new history begins."""
    path = three.folder / history.FILE
    History.of(three).record(report())
    damage(path)
    before = path.read_bytes()
    kept = History.of(three)
    (aside,) = three.folder.glob(".grade.sqlite.broken-*")
    assert aside.read_bytes() == before
    assert str(aside) in kept.notice
    kept.record(report(score=70))
    again = History.of(three)
    assert [a.score for a in again.attempts(three.exercise("first"))] == [70]
    assert again.notice is None


def test_two_programs_set_a_broken_file_aside_once(three):
    """Neither takes the new file of the other for the broken one."""
    rubbish(three.folder / history.FILE)
    said = at_once(three, 3)
    assert len(list(three.folder.glob(".grade.sqlite.broken-*"))) == 1
    assert len([notice for _, notice in said if notice]) == 1
    assert len(History.of(three).attempts(three.exercise("first"))) == 6


def test_a_file_of_a_newer_version_is_left_alone(three):
    """It is neither read nor written nor set aside, and that is said."""
    path = three.folder / history.FILE
    History.of(three).record(report())
    alter(path, f"PRAGMA user_version = {history.VERSION + 1}")
    before = path.read_bytes()
    kept = History.of(three)
    kept.record(report())
    assert "newer version" in kept.notice
    assert path.read_bytes() == before


def test_a_deleted_file_loses_only_the_history(three):
    """A program that has the history open goes on, with a new one."""
    kept = History.of(three)
    kept.record(report())
    kept.path.unlink()
    assert kept.attempts(three.exercise("first")) == []
    kept.record(report(score=60))
    assert [a.score for a in kept.attempts(three.exercise("first"))] == [60]
    assert kept.notice is None


def test_where_nothing_can_be_written_it_is_said(three, tmp_path, monkeypatch):
    """Without a place for the file all works, nothing is remembered, and the notice says why."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("GRADE_HISTORY", str(tmp_path / "file" / "below"))
    kept = History.of(three)
    assert kept.notice is None  # nothing is lost as yet
    kept.record(report())
    assert "is not kept" in kept.notice
    assert "GRADE_HISTORY" in kept.notice
    assert kept.attempts(three.exercise("first")) == []
    assert hints(kept, three, 2) == ["a nudge", "a nudge"]


def test_histories_in_one_folder_stay_apart(three, tmp_path, monkeypatch):
    """GRADE_HISTORY names a folder for the histories of all courses, and makes it."""
    other = tmp_path / "other"
    shutil.copytree(three.folder, other)
    monkeypatch.setenv("GRADE_HISTORY", str(tmp_path / "state" / "grade"))
    History.of(three).record(report())
    History.of(course.load(other)).record(report(score=7))
    assert [a.score for a in History.of(three).everything()] == [40]
    assert len(os.listdir(tmp_path / "state" / "grade")) == 2
    assert not (three.folder / history.FILE).exists()


def test_stubs_are_kept_before_they_are_edited(three):
    """The first look at a course keeps the stubs that are untouched, and no others."""
    first, second, _ = three.exercises
    text = first.stub.read_text()
    second.stub.write_text("def second(x):\n    return x\n")
    History.of(three)
    first.stub.write_text("def first(x):\n    return x\n")
    kept = History.of(three)
    assert kept.stub(first) == text
    assert kept.stub(second) is None
