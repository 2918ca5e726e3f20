"""The gradebook: who handed what in, when, and what every grading of it found.

Results are only ever added. Each is in the database for good when `record` returns, so that a run
which is killed loses nothing but what it was at.
"""

import getpass
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Column as SqlColumn
from sqlalchemy import Connection, Engine, Row, Select, func, insert, select, update

from grader.classroom.kept import database
from grader.classroom.kept.schema import exercises, results, runs, students, submissions
from grader.course.model import Exercise
from grader.grading.keys import Key
from grader.report import Report, Status

AT_ONCE = 500  # keys in one question


@dataclass(frozen=True)
class Student:
    """A student by the name that the hand-ins go by; `details` is what a school knows of them,
    such as `id` and `email`."""

    name: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """An exercise of the class."""

    slug: str
    number: int
    title: str
    max_score: int


@dataclass(frozen=True)
class Run:
    """One start of `grade class`; `ended_at` is None where it was cut off or goes on."""

    id: int
    started_at: datetime
    ended_at: datetime | None
    who: str
    why: str
    seed: int
    engine: str
    options: Mapping[str, Any]


@dataclass(frozen=True)
class HandIn:
    """One file that a student handed in for one exercise, as it was found.

    `attempt` is the school's own count, 0 where there is none. `is_dated`: `submitted_at` was
    written down by somebody; otherwise it is a file's, and the first one known is kept.
    """

    student: str
    exercise: str
    sha256: str
    path: str
    submitted_at: datetime
    attempt: int = 0
    is_dated: bool = False


@dataclass(frozen=True)
class Attempt:
    """A hand-in as the gradebook keeps it; `seen` is the last run that found it."""

    id: int
    student: str
    exercise: str
    sha256: str
    path: str
    submitted_at: datetime
    number: int
    seen: int


@dataclass(frozen=True)
class Result:
    """What one grading of an attempt found, and who asked for it when and why.

    `score` is raw: what the course's policy takes off is in `grader.classroom.shown.grades`.
    """

    id: int
    attempt: int
    run: int
    key: str
    graded_at: datetime
    who: str
    why: str
    status: Status
    score: int
    max_score: int
    seed: int
    speed: bool
    engine: str
    exercise_sha256: str
    content: Mapping[str, Any]

    @cached_property
    def report(self) -> Report:
        """The whole report."""
        return Report.from_json(dict(self.content))


class Gradebook:
    """An open gradebook. One process writes; any number may read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, place: str | Path) -> Self:
        """The gradebook at a path (SQLite) or a URL, made where there is none.

        UsageError where it cannot be opened, or is of another version.
        """
        return cls(database.connect(place))

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other runs out meanwhile; UsageError where one is at work."""
        with database.held(self._engine):
            yield

    # --- reading ---

    def students(self) -> list[Student]:
        """Everybody, by name."""
        with database.transaction(self._engine) as connection:
            rows = connection.execute(select(students).order_by(students.c.name))
            return [Student(row.name, row.details) for row in rows]

    def exercises(self) -> list[Column]:
        """What was ever graded here, by number."""
        with database.transaction(self._engine) as connection:
            rows = connection.execute(select(exercises).order_by(exercises.c.number))
            return [Column(row.slug, row.number, row.title, row.max_score) for row in rows]

    def runs(self) -> list[Run]:
        """Every run, the first one first."""
        with database.transaction(self._engine) as connection:
            rows = connection.execute(select(runs).order_by(runs.c.id))
            return [Run(**row._mapping) for row in rows]

    def attempts(self) -> list[Attempt]:
        """Everything that was handed in, in the order in which it was."""
        with database.transaction(self._engine) as connection:
            return [_attempt(row) for row in connection.execute(_all_attempts())]

    def latest(self) -> dict[int, Result]:
        """The newest result of each attempt that has one, by the attempt's id."""
        newest = select(func.max(results.c.id)).group_by(results.c.submission_id)
        with database.transaction(self._engine) as connection:
            rows = connection.execute(_all_results().where(results.c.id.in_(newest)))
            return {row.submission_id: _result(row) for row in rows}

    def history(self, student: str, exercise: str) -> list[Result]:
        """Every result that the student ever had for the exercise of that slug, oldest first."""
        wanted = (
            _all_results()
            .join(submissions, submissions.c.id == results.c.submission_id)
            .join(students, students.c.id == submissions.c.student_id)
            .join(exercises, exercises.c.id == submissions.c.exercise_id)
            .where(students.c.name == student, exercises.c.slug == exercise)
        )
        with database.transaction(self._engine) as connection:
            return [_result(row) for row in connection.execute(wanted)]

    # --- writing ---

    def begin(self, *, seed: int, engine: str, why: str, options: Mapping[str, Any]) -> Run:
        """Begin a run."""
        row = {
            "started_at": datetime.now(UTC),
            "ended_at": None,
            "who": getpass.getuser(),
            "why": why,
            "seed": seed,
            "engine": engine,
            "options": dict(options),
        }
        with database.transaction(self._engine) as connection:
            return Run(id=_inserted(connection, runs, row), **row)  # type: ignore[arg-type]

    def end(self, run: Run) -> None:
        """The run has done all that it was to do."""
        with database.transaction(self._engine) as connection:
            connection.execute(
                update(runs).where(runs.c.id == run.id).values(ended_at=datetime.now(UTC))
            )

    def enrol(self, members: Iterable[Student], columns: Iterable[Exercise]) -> None:
        """Note students and exercises; what is known of a student is added to, never dropped."""
        with database.transaction(self._engine) as connection:
            known = {row.name: row.details for row in connection.execute(select(students))}
            for member in members:
                details = {**known.get(member.name, {}), **member.details}
                _put(connection, students.c.name, member.name, {"details": details}, known)
            slugs = set(connection.scalars(select(exercises.c.slug)))
            for exercise in columns:
                entry = {
                    "number": exercise.number,
                    "title": exercise.title,
                    "max_score": exercise.points,
                }
                _put(connection, exercises.c.slug, exercise.slug, entry, slugs)

    def note(self, run: Run, found: Sequence[HandIn]) -> list[int]:
        """Note what was found; the id of each one's attempt. Who and what is enrolled already.

        The content that a student has handed in before keeps its moment, unless `is_dated`.
        """
        with database.transaction(self._engine) as connection:
            people = _ids(connection, students, students.c.name)
            columns = _ids(connection, exercises, exercises.c.slug)
            known = {
                (row.student_id, row.exercise_id, row.sha256): row.id
                for row in connection.execute(select(submissions))
            }
            ids = []
            for hand_in in found:
                place = (people[hand_in.student], columns[hand_in.exercise], hand_in.sha256)
                row = {"path": hand_in.path, "seen_run_id": run.id}
                if place not in known:
                    row |= dict(zip(("student_id", "exercise_id", "sha256"), place, strict=True))
                    row |= {"submitted_at": hand_in.submitted_at, "attempt": hand_in.attempt}
                    known[place] = _inserted(connection, submissions, row)
                else:
                    if hand_in.is_dated:
                        row["submitted_at"] = hand_in.submitted_at
                    connection.execute(
                        update(submissions).where(submissions.c.id == known[place]).values(row)
                    )
                ids.append(known[place])
            return ids

    def known(self, keys: Iterable[str]) -> dict[str, Result]:
        """A result for each of the keys that has one, whoever's it is; never an ungraded one."""
        wanted = sorted(set(keys))
        found: dict[str, Result] = {}
        with database.transaction(self._engine) as connection:
            for start in range(0, len(wanted), AT_ONCE):
                some = results.c.key.in_(wanted[start : start + AT_ONCE])
                graded = results.c.status != Status.UNGRADED.value
                for row in connection.execute(_all_results().where(some, graded)):
                    found[row.key] = _result(row)
        return found

    def record(self, run: Run, attempt: int, key: Key, report: Report, why: str) -> None:
        """Add the result of an attempt."""
        row = {
            "submission_id": attempt,
            "run_id": run.id,
            "key": key.digest,
            "graded_at": datetime.now(UTC),
            "why": why,
            "status": report.status.value,
            "score": report.score,
            "max_score": report.max_score,
            "misconception": report.misconception.name if report.misconception else None,
            "seed": key.seed,
            "speed": key.speed,
            "engine": key.engine,
            "exercise_sha256": key.exercise,
            "seconds": report.seconds,
            "report": report.as_json(),
        }
        with database.transaction(self._engine) as connection:
            connection.execute(insert(results).values(row))


def _all_attempts() -> Select[Any]:
    return (
        select(submissions, students.c.name.label("student"), exercises.c.slug.label("exercise"))
        .join(students, students.c.id == submissions.c.student_id)
        .join(exercises, exercises.c.id == submissions.c.exercise_id)
        .order_by(submissions.c.submitted_at, submissions.c.attempt, submissions.c.id)
    )


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        id=row.id,
        student=row.student,
        exercise=row.exercise,
        sha256=row.sha256,
        path=row.path,
        submitted_at=row.submitted_at,
        number=row.attempt,
        seen=row.seen_run_id,
    )


def _all_results() -> Select[Any]:
    return (
        select(results, runs.c.who).join(runs, runs.c.id == results.c.run_id).order_by(results.c.id)
    )


def _result(row: Row[Any]) -> Result:
    return Result(
        id=row.id,
        attempt=row.submission_id,
        run=row.run_id,
        key=row.key,
        graded_at=row.graded_at,
        who=row.who,
        why=row.why,
        status=Status(row.status),
        score=row.score,
        max_score=row.max_score,
        seed=row.seed,
        speed=row.speed,
        engine=row.engine,
        exercise_sha256=row.exercise_sha256,
        content=row.report,
    )


def _ids(connection: Connection, table: Any, name: Any) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(select(name, table.c.id))}


def _put(
    connection: Connection,
    name: SqlColumn[str],
    value: str,
    row: Mapping[str, Any],
    known: Container[str],
) -> None:
    """Change the row of that name, or add it where it is not `known`."""
    if value in known:
        connection.execute(update(name.table).where(name == value).values(row))
    else:
        _inserted(connection, name.table, {name.name: value, **row})


def _inserted(connection: Connection, table: Any, row: Mapping[str, Any]) -> int:
    key = connection.execute(insert(table).values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])
