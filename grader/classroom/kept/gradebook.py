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
from sqlalchemy import Connection, Engine, Row, Select, func, insert, null, select, update

from grader.classroom.kept import contents, database
from grader.classroom.kept.decisions import Decisions
from grader.classroom.kept.people import People
from grader.classroom.kept.schema import (
    FIRST_BOOK,
    books,
    exercises,
    results,
    runs,
    students,
    submissions,
)
from grader.course.model import Exercise
from grader.grading.keys import Key
from grader.report import Report, Status

AT_ONCE = 500  # keys in one question
BY_FILE = "file"  # who dates a hand-in, where nobody does: its file says when it was last written
BY_CANVAS = "canvas"  # Canvas says that it was in time, or that it was late, but not when it came
BY_CANVAS_LATE = "canvas late"
BY_TABLE = "table"
BY_MOODLE = "moodle"
BY_COMMIT = "commit"
COURSE = "course"  # among a run's options: which course it was graded by
CHOICES = "choices"  # among a run's options: by attempt, which of several files was taken for it


@dataclass(frozen=True)
class Student:
    """A student by the name that the hand-ins go by; `details` is what a school knows of them,
    such as `id` and `email`.

    `aliases` are other names and ids that hand-ins of theirs may come under. `is_listed`: by the
    last list of the class, None where there was none. `is_dropped`: in the class no more.
    """

    name: str
    details: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    is_listed: bool | None = field(default=None, compare=False)
    is_dropped: bool = field(default=False, compare=False)

    @property
    def team(self) -> str:
        """The team that they are of, "" for none."""
        return self.details.get("team", "")


@dataclass(frozen=True)
class Column:
    """An exercise of the class. `sha256`: what it is graded by now, "" where no run has said."""

    slug: str
    number: int
    title: str
    max_score: int
    sha256: str = field(default="", compare=False)


@dataclass(frozen=True)
class Run:
    """One start of `grade class`; `ended_at` is None where it was cut off or goes on. `before`:
    what was told of everybody before it, and, of the last run, when marks were told last."""

    id: int
    started_at: datetime
    ended_at: datetime | None
    who: str
    why: str
    seed: int
    engine: str
    options: Mapping[str, Any]
    before: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Kept:
    """A file as the gradebook keeps it: its name below what was handed in, its digest, and what
    reads it."""

    name: str
    sha256: str
    read: contents.Reader = field(compare=False)


@dataclass(frozen=True)
class HandIn:
    """One file that a student handed in for one exercise, as it was found.

    `attempt` is the school's own count, 0 where there is none. `dated_by` says who says when it
    came; where that is only the file, the first moment known is kept. `files`: it and the modules
    that go with it.
    """

    student: str
    exercise: str
    sha256: str
    path: str
    submitted_at: datetime
    attempt: int = 0
    dated_by: str = BY_FILE
    files: tuple[Kept, ...] = ()


@dataclass(frozen=True)
class Attempt:
    """A hand-in as the gradebook keeps it; `seen` is the last run that found it. `files` are the
    names and digests of what is kept of it, the file itself first."""

    id: int
    student: str
    exercise: str
    sha256: str
    path: str
    submitted_at: datetime
    number: int
    seen: int
    dated_by: str = BY_TABLE
    files: tuple[tuple[str, str], ...] = ()


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
    """An open gradebook: one book of a database. One process writes; any number may read.

    `upgraded_from` is the file that keeps what was there before it was brought to today's format.
    """

    def __init__(self, engine: Engine, book: int, name: str, upgraded_from: str = "") -> None:
        self._engine = engine
        self._book = book
        self.name = name
        self.upgraded_from = upgraded_from
        self.decisions = Decisions(engine, book)
        self.people = People(engine, book)

    @classmethod
    def open(
        cls, place: str | Path, book: str = FIRST_BOOK, *, make: bool = True, upgrade: bool = True
    ) -> Self:
        """The book of that name in the gradebook at a path (SQLite) or a URL, made where there is
        none; NotThere, without `make`, where there is none.

        UsageError where it cannot be opened, or is of a newer version; or of an older one, where it
        is not to be upgraded.
        """
        engine, backup = database.connect(place, make=make, upgrade=upgrade)
        with database.transaction(engine) as connection:
            names = {row.name: row.id for row in connection.execute(select(books))}
            if book not in names:
                if not make:
                    told = ", ".join(filter(None, sorted(names))) or "none but the one without name"
                    raise database.NotThere(
                        f"There is no book {book!r} in this gradebook.", f"There are: {told}."
                    )
                row = {"name": book, "created_at": datetime.now(UTC)}
                names[book] = _inserted(connection, books, row)
        return cls(engine, names[book], book, backup)

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
        with database.held(self._engine, self._book):
            yield

    # --- reading ---

    def books(self) -> list[str]:
        """The names of all books of this database, "" for the one without a name."""
        with database.transaction(self._engine) as connection:
            return list(connection.scalars(select(books.c.name).order_by(books.c.name)))

    def students(self) -> list[Student]:
        """Everybody, by name, whether or not they are in the class still."""
        with database.transaction(self._engine) as connection:
            rows = connection.execute(self._of(students).order_by(students.c.name))
            return [_student(row) for row in rows]

    def ids(self) -> dict[str, int]:
        """By name, the number that each student keeps, whatever they are called."""
        with database.transaction(self._engine) as connection:
            return _ids(connection, students, students.c.name, self._book)

    def exercises(self) -> list[Column]:
        """What was ever graded here, by number."""
        with database.transaction(self._engine) as connection:
            rows = connection.execute(self._of(exercises).order_by(exercises.c.number))
            return [
                Column(row.slug, row.number, row.title, row.max_score, row.sha256 or "")
                for row in rows
            ]

    def runs(self) -> list[Run]:
        """Every run, the first one first."""
        with database.transaction(self._engine) as connection:
            rows = connection.execute(self._of(runs).order_by(runs.c.id))
            return [_run(row) for row in rows]

    def course(self) -> Mapping[str, Any] | None:
        """What the newest run that says so was graded by: `described` of a course; None where none
        says it, as those of older versions."""
        known = (run.options.get(COURSE) for run in reversed(self.runs()))
        return next((each for each in known if each), None)

    def told(self) -> Mapping[str, Any] | None:
        """What was told of everybody last, as `tell` had it; None where that is not known.

        Older versions kept the scores alone, and those from before a run: they are what was told
        as long as it has not ended.
        """
        found = self.runs()
        if not found or (before := found[-1].before) is None:
            return None
        if "students" in before:
            return before
        if found[-1].ended_at is not None:
            return None
        return {
            "students": {
                number: {"grades": {slug: [score] for slug, score in scores.items()}}
                for number, scores in before.items()
            }
        }

    def attempts(self) -> list[Attempt]:
        """Everything that was handed in, in the order in which it was."""
        with database.transaction(self._engine) as connection:
            return [_attempt(row) for row in connection.execute(_all_attempts(self._book))]

    def latest(self) -> dict[int, Result]:
        """The newest result of each attempt that has one, by the attempt's id."""
        newest = (
            select(func.max(results.c.id))
            .join(runs, runs.c.id == results.c.run_id)
            .where(runs.c.book_id == self._book)
            .group_by(results.c.submission_id)
        )
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
            .where(
                students.c.book_id == self._book,
                students.c.name == student,
                exercises.c.slug == exercise,
            )
        )
        with database.transaction(self._engine) as connection:
            return [_result(row) for row in connection.execute(wanted)]

    def files(self, attempt: Attempt) -> list[tuple[str, bytes]] | None:
        """What was handed in, by name, the file itself first; None where not all of it is kept."""
        found = []
        with database.transaction(self._engine) as connection:
            for name, digest in attempt.files:
                data = contents.unpacked(connection, digest)
                if data is None:
                    return None
                found.append((name, data))
        return found or None

    def problems(self) -> list[str]:
        """What is wrong with the database: nothing, as a rule."""
        from grader.classroom.kept import upgrading

        return upgrading.problems(self._engine)

    def _of(self, table: Any) -> Select[Any]:
        return select(table).where(table.c.book_id == self._book)

    # --- writing ---

    def begin(
        self,
        *,
        seed: int,
        engine: str,
        why: str,
        options: Mapping[str, Any],
        before: Mapping[str, Any] | None = None,
    ) -> Run:
        """Begin a run; `before` is what was told of everybody last."""
        row = {
            "started_at": datetime.now(UTC),
            "ended_at": None,
            "who": getpass.getuser(),
            "why": why,
            "seed": seed,
            "engine": engine,
            "options": dict(options),
            "before": before,
        }
        with database.transaction(self._engine) as connection:
            number = _inserted(connection, runs, {"book_id": self._book, **row})
            return Run(id=number, **row)  # type: ignore[arg-type]

    def remember(
        self, run: Run, choices: Mapping[int, str], course: Mapping[str, Any] | None = None
    ) -> None:
        """Keep with a run where it found several files for an answer, and which it took: by the
        attempt's id; and by which `course` it goes."""
        options = dict(run.options)
        if choices or CHOICES in options:
            options[CHOICES] = {str(each): said for each, said in choices.items()}
        if course is not None:
            options[COURSE] = dict(course)
        self._set_options(run, options)

    def go_by(self, course: Mapping[str, Any]) -> None:
        """Keep that this course, as `described`, is the gradebook's from now on."""
        if found := self.runs():
            self._set_options(found[-1], {**found[-1].options, COURSE: dict(course)})

    def _set_options(self, run: Run, options: Mapping[str, Any]) -> None:
        """Keep other options with a run, where they are others."""
        if options == run.options:
            return
        with database.transaction(self._engine) as connection:
            connection.execute(update(runs).where(runs.c.id == run.id).values(options=options))

    def tell(self, told: Mapping[str, Any]) -> None:
        """Keep what is told of everybody now; of a gradebook without a run there is nothing."""
        of_book = runs.c.book_id == self._book
        with database.transaction(self._engine) as connection:
            last = connection.scalar(select(func.max(runs.c.id)).where(of_book))
            connection.execute(update(runs).where(runs.c.id == last).values(before=dict(told)))
            # Those of earlier runs are of no more use, and large.
            connection.execute(update(runs).where(of_book, runs.c.id != last).values(before=null()))

    def end(self, run: Run) -> None:
        """The run has done all that it was to do."""
        with database.transaction(self._engine) as connection:
            connection.execute(
                update(runs).where(runs.c.id == run.id).values(ended_at=datetime.now(UTC))
            )

    def enrol(
        self,
        members: Iterable[Student],
        columns: Iterable[Exercise],
        digests: Mapping[str, str] | None = None,
    ) -> None:
        """Note students and exercises; what is known of a student is added to, never dropped.

        `digests` says by slug what an exercise is graded by now.
        """
        with database.transaction(self._engine) as connection:
            known = {row.name: row for row in connection.execute(self._of(students))}
            for member in members:
                old = known.get(member.name)
                row: dict[str, Any] = {
                    "details": {**(old.details if old else {}), **member.details}
                }
                if member.is_listed is not None:
                    row["is_listed"] = member.is_listed
                self._put(connection, students.c.name, member.name, row, {"aliases": []}, known)
            slugs = {row.slug for row in connection.execute(self._of(exercises))}
            for exercise in columns:
                entry = {
                    "number": exercise.number,
                    "title": exercise.title,
                    "max_score": exercise.points,
                }
                if digests and exercise.slug in digests:
                    entry["sha256"] = digests[exercise.slug]
                self._put(connection, exercises.c.slug, exercise.slug, entry, {}, slugs)

    def _put(
        self,
        connection: Connection,
        name: SqlColumn[str],
        value: str,
        row: Mapping[str, Any],
        fresh: Mapping[str, Any],
        known: Container[str],
    ) -> None:
        """Change the row of that name, or add it, with what a `fresh` one has besides."""
        table: Any = name.table
        if value in known:
            connection.execute(
                update(table).where(name == value, table.c.book_id == self._book).values(row)
            )
        else:
            _inserted(connection, table, {"book_id": self._book, name.name: value, **fresh, **row})

    def note(self, run: Run, found: Sequence[HandIn]) -> list[int]:
        """Note what was found, and keep it; the id of each one's attempt. Who and what is enrolled
        already.

        The content that a student has handed in before keeps its moment, unless somebody says
        another.
        """
        with database.transaction(self._engine) as connection:
            people = _ids(connection, students, students.c.name, self._book)
            columns = _ids(connection, exercises, exercises.c.slug, self._book)
            mine = select(submissions).join(students, students.c.id == submissions.c.student_id)
            known = {
                (row.student_id, row.exercise_id, row.sha256): (row.id, bool(row.files))
                for row in connection.execute(mine.where(students.c.book_id == self._book))
            }
            places = [(people[h.student], columns[h.exercise], h.sha256) for h in found]
            # Those of one archive together: it is opened once for all of them.
            new = [
                hand_in
                for hand_in, place in zip(found, places, strict=True)
                if not known.get(place, (0, False))[1]
            ]
            new.sort(key=lambda hand_in: hand_in.path)
            held = contents.keep(
                connection, {each.sha256: each.read for hand_in in new for each in hand_in.files}
            )
            ids = []
            for hand_in, place in zip(found, places, strict=True):
                row: dict[str, Any] = {"path": hand_in.path, "seen_run_id": run.id}
                if hand_in.files and held.issuperset(each.sha256 for each in hand_in.files):
                    row["files"] = [[each.name, each.sha256] for each in hand_in.files]
                if place not in known:
                    row |= dict(zip(("student_id", "exercise_id", "sha256"), place, strict=True))
                    row |= {"submitted_at": hand_in.submitted_at, "attempt": hand_in.attempt}
                    row["dated_by"] = hand_in.dated_by
                    known[place] = _inserted(connection, submissions, row), "files" in row
                else:
                    if hand_in.dated_by != BY_FILE:
                        row["submitted_at"] = hand_in.submitted_at
                        row["dated_by"] = hand_in.dated_by
                    connection.execute(
                        update(submissions).where(submissions.c.id == known[place][0]).values(row)
                    )
                ids.append(known[place][0])
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


def _student(row: Row[Any]) -> Student:
    aliases = tuple((name, number) for name, number in row.aliases)
    return Student(row.name, row.details, aliases, row.is_listed, row.dropped_at is not None)


def _run(row: Row[Any]) -> Run:
    fields = dict(row._mapping)
    del fields["book_id"]
    return Run(**fields)


def _all_attempts(book: int) -> Select[Any]:
    return (
        select(submissions, students.c.name.label("student"), exercises.c.slug.label("exercise"))
        .join(students, students.c.id == submissions.c.student_id)
        .join(exercises, exercises.c.id == submissions.c.exercise_id)
        .where(students.c.book_id == book)
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
        dated_by=row.dated_by,
        files=tuple((name, digest) for name, digest in row.files or ()),
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


def _ids(connection: Connection, table: Any, name: Any, book: int) -> dict[str, int]:
    found = connection.execute(select(name, table.c.id).where(table.c.book_id == book))
    return {row[0]: row[1] for row in found}


def _inserted(connection: Connection, table: Any, row: Mapping[str, Any]) -> int:
    key = connection.execute(insert(table).values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])
