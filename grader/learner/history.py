"""What a learner has done in a course: attempts, hints taken, answers looked at.

All of it lies in one SQLite file, `.grade.sqlite`, in the course's folder or the workspace; for who
uses the wheel's course without one, in the working directory. Where the environment variable
GRADE_HISTORY names a folder, a file in there for each of them takes its place. Deleting it loses
the history and nothing else.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.course.model import Course, Exercise, Hint
from grader.course.stubs import untouched
from grader.learner.store import Store
from grader.report import PropertyStatus, Report, Status

FILE = ".grade.sqlite"
VARIABLE = "GRADE_HISTORY"
VERSION = 1  # of the tables

TABLES = (
    """CREATE TABLE attempts (
        at TEXT, number INTEGER, slug TEXT, status TEXT, score INTEGER, max_score INTEGER,
        seed TEXT, sha256 TEXT, ratio REAL, milliseconds REAL, failing TEXT
    )""",
    "CREATE INDEX attempts_by_slug ON attempts (slug)",
    "CREATE TABLE hints (slug TEXT, tier INTEGER, at TEXT, PRIMARY KEY (slug, tier))",
    "CREATE TABLE given_up (slug TEXT PRIMARY KEY, at TEXT)",
    "CREATE TABLE stubs (slug TEXT PRIMARY KEY, text TEXT)",
)


@dataclass(frozen=True)
class Attempt:
    """One grading: `at` in UTC; `failing` names the properties that failed, in the report's order.

    `ratio` is how many times as long as the reference the answer took, `milliseconds` the time of
    one call; None where the time was left out.
    """

    at: datetime
    number: int
    slug: str
    status: Status
    score: int
    max_score: int
    seed: int
    sha256: str
    ratio: float | None = None
    milliseconds: float | None = None
    failing: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether it had full marks."""
        return self.status is Status.PASSED


COLUMNS = tuple(field.name for field in fields(Attempt))
INSERT = f"INSERT INTO attempts VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608
SELECT = f"SELECT {', '.join(COLUMNS)} FROM attempts"  # noqa: S608


class History:
    """The history of one course; `path` is its file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._store = Store(path, TABLES, VERSION)

    @property
    def notice(self) -> str | None:
        """What of the history was set aside, or why it cannot be kept; None while all is well."""
        return self._store.notice

    @classmethod
    def of(cls, course: Course) -> "History":
        """The history of a course.

        Its file is made with the first thing to keep. In a course whose stubs are edited in place,
        that is their text, so that they can be had back.
        """
        history = cls(_place(course))
        history.everything()
        if not (course.is_workspace or course.is_installed or os.path.exists(history.path)):
            history._keep(untouched(course))
        return history

    # --- attempts ---------------------------------------------------------------------------------

    def record(self, report: Report, at: datetime | None = None) -> None:
        """Keep a grading; `at` is now unless given."""
        timing = report.timing
        versus = timing.vs_reference if timing else None
        failing = [
            result.name
            for result in report.properties
            if result.status in (PropertyStatus.FAILED, PropertyStatus.ERROR)
        ]
        row = (
            (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="milliseconds"),
            report.number,
            report.slug,
            report.status.value,
            report.score,
            report.max_score,
            str(report.seed),  # may be too large for an INTEGER
            report.sha256,
            versus.ratio if versus else None,
            timing.student_ms if timing and versus else None,
            json.dumps(failing),
        )
        self._store.write(lambda db: db.execute(INSERT, row), None)

    def everything(self) -> list[Attempt]:
        """Every attempt at any exercise, oldest first."""
        return self._store.read(lambda db: _attempts(db.execute(f"{SELECT} ORDER BY rowid")), [])

    def attempts(self, exercise: Exercise) -> list[Attempt]:
        """The attempts at `exercise`, oldest first."""
        query = f"{SELECT} WHERE slug = ? ORDER BY rowid"
        return self._store.read(lambda db: _attempts(db.execute(query, (exercise.slug,))), [])

    def best(self, exercise: Exercise) -> Attempt | None:
        """The attempt with the highest score; of several the fastest, then the first."""
        return best(self.attempts(exercise))

    def has_passed(self, exercise: Exercise) -> bool:
        """Whether some attempt had full marks."""
        return any(attempt.passed for attempt in self.attempts(exercise))

    def begun(self, course: Course) -> dict[str, list[Attempt]]:
        """The attempts at the exercises of `course` that have any, by slug and oldest first.

        Those at untouched stubs do not count.
        """
        slugs = {exercise.slug for exercise in course.exercises}
        found: dict[str, list[Attempt]] = {}
        for attempt in self.everything():
            if attempt.slug in slugs and attempt.status is not Status.NOT_STARTED:
                found.setdefault(attempt.slug, []).append(attempt)
        return found

    def next_exercise(self, course: Course, after: Exercise | None = None) -> Exercise | None:
        """The exercise to go on with; None where all are passed.

        That is the one worked on last, until it is passed or given up, then the first after it that
        is neither, from the end of the course on to its beginning; those given up come last. With
        `after`, the search begins behind that exercise instead.
        """
        exercises = course.exercises
        places = {each.slug: place for place, each in enumerate(exercises)}
        attempts = self.everything()
        passed = {attempt.slug for attempt in attempts if attempt.passed}
        if after is not None:
            begin = places[after.slug] + 1
        else:
            begin = places.get(attempts[-1].slug, 0) if attempts else 0
        order = [each for each in exercises[begin:] + exercises[:begin] if each.slug not in passed]
        given_up = self.given_up()
        return next((each for each in order if each.slug not in given_up), next(iter(order), None))

    # --- hints and answers ------------------------------------------------------------------------

    def taken(self, exercise: Exercise) -> set[int]:
        """The tiers of the hints taken so far; the first is 1."""
        return self._store.read(lambda db: _tiers(db, exercise), set())

    def tiers(self, exercise: Exercise) -> int:
        """How many hints were taken so far."""
        return len(self.taken(exercise))

    def take(self, exercise: Exercise, tier: int) -> None:
        """Remember that the hint `tier` was taken."""
        self._store.write(lambda db: _take(db, exercise, tier), None)

    def next_hint(self, exercise: Exercise) -> Hint | None:
        """One hint more, which is remembered; None where all are taken.

        They come in the course's order, the gentlest first; but where the last attempt has earned
        points, those first that name a property which it failed.
        """
        attempts = self.attempts(exercise)
        last = attempts[-1] if attempts else None

        def choose(db: sqlite3.Connection) -> Hint | None:
            tier = _next_tier(exercise, _tiers(db, exercise), last)
            if tier is None:
                return None
            _take(db, exercise, tier)
            return exercise.hints[tier - 1]

        tier = _next_tier(exercise, set(), last)
        return self._store.write(choose, exercise.hints[tier - 1] if tier else None)

    def given_up(self) -> set[str]:
        """The slugs of the exercises whose answer was looked at before they were passed."""
        query = "SELECT slug FROM given_up"
        return self._store.read(lambda db: {slug for (slug,) in db.execute(query)}, set())

    def has_given_up(self, exercise: Exercise) -> bool:
        """Whether the answer was looked at before the exercise was passed."""
        return exercise.slug in self.given_up()

    def give_up(self, exercise: Exercise) -> None:
        """Remember that the answer was looked at."""
        row = (exercise.slug, _now())
        self._store.write(
            lambda db: db.execute("INSERT OR IGNORE INTO given_up VALUES (?, ?)", row), None
        )

    # --- stubs ------------------------------------------------------------------------------------

    def stub(self, exercise: Exercise) -> str | None:
        """The text that the stub had when the history was begun; None where it had been edited."""
        query = "SELECT text FROM stubs WHERE slug = ?"
        row = self._store.read(lambda db: db.execute(query, (exercise.slug,)).fetchone(), None)
        return row[0] if row else None

    def _keep(self, stubs: dict[str, str]) -> None:
        said = self.notice
        insert = "INSERT OR IGNORE INTO stubs VALUES (?, ?)"
        self._store.write(lambda db: db.executemany(insert, list(stubs.items())), None)
        self._store.notice = said  # who only reads is not told that nothing can be written


def _attempts(rows: Iterable[tuple[Any, ...]]) -> list[Attempt]:
    found = []
    for row in rows:
        values = dict(zip(COLUMNS, row, strict=True))
        try:
            values["at"] = datetime.fromisoformat(values["at"])
            values["status"] = Status(values["status"])
            values["seed"] = int(values["seed"])
            values["failing"] = tuple(json.loads(values["failing"]))
        except TypeError as error:
            raise ValueError(str(error)) from None
        found.append(Attempt(**values))
    return found


def _tiers(db: sqlite3.Connection, exercise: Exercise) -> set[int]:
    rows = db.execute("SELECT tier FROM hints WHERE slug = ?", (exercise.slug,))
    return {tier for (tier,) in rows}


def _take(db: sqlite3.Connection, exercise: Exercise, tier: int) -> None:
    db.execute("INSERT OR IGNORE INTO hints VALUES (?, ?, ?)", (exercise.slug, tier, _now()))


def _next_tier(exercise: Exercise, taken: set[int], last: Attempt | None) -> int | None:
    """The tier of the hint to give, the first is 1; None where all are taken."""
    left = [(tier, hint) for tier, hint in enumerate(exercise.hints, 1) if tier not in taken]
    if last is not None and last.score:
        fitting = [(tier, hint) for tier, hint in left if hint.property in last.failing]
        left = fitting or left
    return left[0][0] if left else None


def best(attempts: list[Attempt]) -> Attempt | None:
    """One that passed, or else the attempt with the highest score; of several the fastest, then
    the first."""

    def key(attempt: Attempt) -> tuple[bool, int, float]:
        # A course may have given other points when an earlier one was made.
        ratio = -float("inf") if attempt.ratio is None else -attempt.ratio
        return attempt.passed, attempt.score, ratio

    return max(attempts, key=key, default=None)


def _place(course: Course) -> Path:
    home = (Path.cwd() if course.is_installed else course.workspace).absolute()
    if folder := os.environ.get(VARIABLE):
        digest = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:8]
        return Path(folder) / f"{home.name}-{digest}.sqlite"
    return home / FILE


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
