"""What a learner has done in a course: attempts, hints taken, answers looked at.

All of it lies in one SQLite file, `.grade.sqlite`, in the folder that the learner works in; the
environment variable GRADE_HISTORY names another file. Deleting it loses the history and nothing
else. Several programs may use it at once: each thing that is read or written is one short
transaction on a connection of its own. A file that is no history of ours is set aside under
another name, and where the history can be neither read nor written, grading goes on without;
`History.notice` says either.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from grader.course import Course, Exercise, Hint
from grader.language import say
from grader.report import PropertyStatus, Report, Status

FILE = ".grade.sqlite"
VARIABLE = "GRADE_HISTORY"
BUSY_SECONDS = 10.0
APPLICATION = 0x67726164  # "grad": tells a history from another program's file
VERSION = 1  # of the tables

TABLES = (
    """CREATE TABLE attempts (
        at TEXT, number INTEGER, slug TEXT, status TEXT, score INTEGER, max_score INTEGER,
        seed TEXT, sha256 TEXT, ratio REAL, milliseconds REAL, failing TEXT
    )""",
    "CREATE INDEX attempts_by_slug ON attempts (slug)",
    "CREATE TABLE hints (slug TEXT, tier INTEGER, at TEXT, PRIMARY KEY (slug, tier))",
    "CREATE TABLE given_up (slug TEXT PRIMARY KEY, at TEXT)",
)

T = TypeVar("T")


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
    """The history of one course; `path` is its file.

    `notice` says what was set aside, or why nothing can be kept; None while all is well.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notice: str | None = None

    @classmethod
    def of(cls, course: Course) -> "History":
        """The history of a course; its file is made with the first thing that it is to keep."""
        named = os.environ.get(VARIABLE)
        history = cls(Path(named) if named else course.folder / FILE)
        history.everything()
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
        self._write(lambda db: db.execute(INSERT, row), None)

    def everything(self) -> list[Attempt]:
        """Every attempt at any exercise, oldest first."""
        return self._read(lambda db: _attempts(db.execute(f"{SELECT} ORDER BY at, rowid")), [])

    def attempts(self, exercise: Exercise) -> list[Attempt]:
        """The attempts at `exercise`, oldest first."""
        query = f"{SELECT} WHERE slug = ? ORDER BY at, rowid"
        return self._read(lambda db: _attempts(db.execute(query, (exercise.slug,))), [])

    def best(self, exercise: Exercise) -> Attempt | None:
        """The attempt with the highest score; of several the fastest, then the first."""
        return best(self.attempts(exercise))

    def has_passed(self, exercise: Exercise) -> bool:
        """Whether some attempt had full marks."""
        return any(attempt.passed for attempt in self.attempts(exercise))

    def passed(self) -> set[str]:
        """The slugs of the exercises that were passed."""
        return {attempt.slug for attempt in self.everything() if attempt.passed}

    def next_exercise(self, course: Course, after: Exercise | None = None) -> Exercise | None:
        """The exercise to go on with; None where all are passed.

        That is the one worked on last, until it is passed or given up, then the first after it that
        is neither, from the end of the course on to its beginning; those given up come last. With
        `after`, the search begins behind that exercise instead.
        """
        exercises = course.exercises
        attempts = self.everything()
        passed = {attempt.slug for attempt in attempts if attempt.passed}
        begin = 0
        if after is not None:
            begin = exercises.index(after) + 1
        elif attempts:
            last = attempts[-1].slug
            begin = next((i for i, each in enumerate(exercises) if each.slug == last), 0)
        order = [each for each in exercises[begin:] + exercises[:begin] if each.slug not in passed]
        given_up = self.given_up()
        return next((each for each in order if each.slug not in given_up), next(iter(order), None))

    # --- hints and answers ------------------------------------------------------------------------

    def taken(self, exercise: Exercise) -> set[int]:
        """The tiers of the hints taken so far; the first is 1."""
        return self._read(lambda db: _tiers(db, exercise), set())

    def tiers(self, exercise: Exercise) -> int:
        """How many hints were taken so far."""
        return len(self.taken(exercise))

    def take(self, exercise: Exercise, tier: int) -> None:
        """Remember that the hint `tier` was taken."""
        self._write(lambda db: _take(db, exercise, tier), None)

    def next_hint(self, exercise: Exercise) -> Hint | None:
        """One hint more, which is remembered; None where all are taken.

        They come in the course's order, the gentlest first, and those that name a property which
        did not fail last come at the end. Where the last attempt has earned points, the hints that
        name a failing property come first.
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
        return self._write(choose, exercise.hints[tier - 1] if tier else None)

    def given_up(self) -> set[str]:
        """The slugs of the exercises whose answer was looked at before they were passed."""
        query = "SELECT slug FROM given_up"
        return self._read(lambda db: {slug for (slug,) in db.execute(query)}, set())

    def has_given_up(self, exercise: Exercise) -> bool:
        """Whether the answer was looked at before the exercise was passed."""
        return exercise.slug in self.given_up()

    def give_up(self, exercise: Exercise) -> None:
        """Remember that the answer was looked at."""
        row = (exercise.slug, _now())
        self._write(
            lambda db: db.execute("INSERT OR IGNORE INTO given_up VALUES (?, ?)", row), None
        )

    # --- the file ---------------------------------------------------------------------------------

    def _read(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        return self._try(work, otherwise, writes=False)

    def _write(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        return self._try(work, otherwise, writes=True)

    def _try(
        self,
        work: Callable[[sqlite3.Connection], T],
        otherwise: T,
        *,
        writes: bool,
        again: bool = True,
    ) -> T:
        """What `work` gives in one transaction, or `otherwise` where there is no history."""
        if not writes and not os.path.exists(self.path):
            return otherwise
        inode = _inode(self.path)
        try:
            with _transaction(self.path, writes=writes) as db:
                return work(db)
        except _EmptyError:
            return otherwise
        except (sqlite3.Error, ValueError) as error:
            if again and inode is not None and _is_broken(error):
                self._set_aside(inode)
                return self._try(work, otherwise, writes=writes, again=False)
            self._unavailable(error)
            return otherwise

    def _set_aside(self, inode: int) -> None:
        """Give the broken file another name, unless another process has done so."""
        now = datetime.now().astimezone()
        aside = self.path.with_name(f"{self.path.name}.broken-{now:%Y%m%d-%H%M%S}")
        try:
            with _held(self.path) as held:
                if held != inode:
                    return
                self.path.rename(aside)
        except FileNotFoundError:
            return
        except OSError as error:
            self._unavailable(error)
            return
        self.notice = say(
            "Your history could not be read. It is kept as {aside}, and a new one begins.",
            aside=aside,
        )

    def _unavailable(self, error: Exception) -> None:
        self.notice = say(
            "Your history in {file} is not kept: {reason}. The environment variable {variable} can"
            " name another file.",
            file=self.path,
            reason=error,
            variable=VARIABLE,
        )


class _EmptyError(Exception):
    """Nothing was kept so far."""


@contextmanager
def _transaction(path: Path, *, writes: bool) -> Iterator[sqlite3.Connection]:
    mode = "rwc" if writes else "rw"
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    # Its journal is the plain one: WAL would leave two more files, and fails on network folders.
    with closing(sqlite3.connect(uri, BUSY_SECONDS, isolation_level=None, uri=True)) as db:
        db.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
        _check(db, writes=writes)
        yield db
        db.execute("COMMIT")


def _check(db: sqlite3.Connection, *, writes: bool) -> None:
    """Make the tables where there are none; ValueError where the file is another program's."""
    if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        if not writes:
            raise _EmptyError
        for statement in TABLES:
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        db.execute(f"PRAGMA user_version = {VERSION}")
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        raise ValueError("it is another program's")
    if db.execute("PRAGMA user_version").fetchone()[0] > VERSION:
        raise sqlite3.NotSupportedError("a newer version of grade has written it")


def _is_broken(error: Exception) -> bool:
    """Whether the file is to blame, and neither its folder nor who else uses it."""
    if isinstance(error, ValueError):
        return True
    if isinstance(error, sqlite3.NotSupportedError):
        return False
    # Text that is no UTF-8 has no code; a table or a column that is missing has SQLITE_ERROR.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None


@contextmanager
def _held(path: Path) -> Iterator[int | None]:
    """The inode of the file at `path`, which no other process can set aside meanwhile."""
    import fcntl  # not on Windows, whose users come for `grade doctor` alone

    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield _inode(path) if os.fstat(file.fileno()).st_ino == _inode(path) else None


def _attempts(rows: Iterable[tuple[Any, ...]]) -> list[Attempt]:
    found = []
    for row in rows:
        values = dict(zip(COLUMNS, row, strict=True))
        values["at"] = datetime.fromisoformat(values["at"])
        values["status"] = Status(values["status"])
        values["seed"] = int(values["seed"])
        values["failing"] = tuple(json.loads(values["failing"]))
        found.append(Attempt(**values))
    return found


def _tiers(db: sqlite3.Connection, exercise: Exercise) -> set[int]:
    rows = db.execute("SELECT tier FROM hints WHERE slug = ?", (exercise.slug,))
    return {tier for (tier,) in rows}


def _take(db: sqlite3.Connection, exercise: Exercise, tier: int) -> None:
    db.execute("INSERT OR IGNORE INTO hints VALUES (?, ?, ?)", (exercise.slug, tier, _now()))


def _next_tier(exercise: Exercise, taken: set[int], last: Attempt | None) -> int | None:
    """The tier of the hint to give, the first is 1; None where all are taken."""
    left = [(t, hint) for t, hint in enumerate(exercise.hints, 1) if t not in taken]
    failing = last.failing if last else ()
    fitting = [t for t, hint in left if hint.property in failing]
    if fitting and last and last.score:
        return fitting[0]
    general = [
        t for t, hint in left if not hint.property or hint.property in failing or not failing
    ]
    return next(iter(general or [t for t, _ in left]), None)


def best(attempts: list[Attempt]) -> Attempt | None:
    """The attempt with the highest score; of several the fastest, then the first."""

    def key(attempt: Attempt) -> tuple[int, float]:
        return attempt.score, -float("inf") if attempt.ratio is None else -attempt.ratio

    return max(attempts, key=key, default=None)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
