"""What a person decided: a mark, points, a comment, an excuse, more time. Never deleted; undone."""

import getpass
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from grader.classroom.kept import database
from grader.classroom.kept.schema import decisions, exercises, students
from grader.errors import UsageError


class Kind(StrEnum):
    """What was decided."""

    SCORE = "score"  # the mark itself, whatever grading and lateness say
    POINTS = "points"  # what one property earns
    COMMENT = "comment"
    EXCUSE = "excuse"  # the exercise does not count
    EXTENSION = "extension"  # until then nothing is late
    UNDO = "undo"


@dataclass(frozen=True)
class Decision:
    """One decision, of a `student` or a `team`, on the exercise of a slug (extensions may be on all
    of them, ""). `is_undone`: somebody took it back."""

    kind: Kind
    student: str = ""
    team: str = ""
    exercise: str = ""
    property: str = ""
    points: float | None = None
    until: datetime | None = None
    why: str = ""
    who: str = ""
    made_at: datetime = datetime.min
    id: int = 0
    undoes: int | None = None
    is_undone: bool = False


class Decisions:
    """The decisions of one book."""

    def __init__(self, engine: Engine, book: int) -> None:
        self._engine = engine
        self._book = book

    def all(self) -> list[Decision]:
        """Every decision, the first one first; those that were taken back are marked so."""
        wanted = (
            select(
                decisions,
                students.c.name.label("student"),
                exercises.c.slug.label("exercise"),
            )
            .outerjoin(students, students.c.id == decisions.c.student_id)
            .outerjoin(exercises, exercises.c.id == decisions.c.exercise_id)
            .where(decisions.c.book_id == self._book)
            .order_by(decisions.c.id)
        )
        with database.transaction(self._engine) as connection:
            rows = list(connection.execute(wanted))
        undone = {row.undoes_id for row in rows}
        return [
            Decision(
                kind=Kind(row.kind),
                student=row.student or "",
                team=row.team,
                exercise=row.exercise or "",
                property=row.property,
                points=row.points,
                until=row.until,
                why=row.why,
                who=row.who,
                made_at=row.made_at,
                id=row.id,
                undoes=row.undoes_id,
                is_undone=row.id in undone,
            )
            for row in rows
        ]

    def valid(self) -> list[Decision]:
        """Those that hold: not taken back."""
        return [d for d in self.all() if not d.is_undone and d.kind is not Kind.UNDO]

    def add(self, made: Sequence[Decision]) -> list[Decision]:
        """Note decisions, all or none; they come back with their ids, author and time.

        UsageError where the gradebook knows no such student or exercise.
        """
        now = datetime.now(UTC)
        with database.transaction(self._engine) as connection:
            return [self._added(connection, each, now) for each in made]

    def undo(self, number: int, why: str, who: str = "") -> Decision:
        """Take back the decision of that id. UsageError where there is none, or it is undone."""
        found = next((d for d in self.all() if d.id == number and d.kind is not Kind.UNDO), None)
        if found is None or found.is_undone:
            what = "has been undone already" if found else "does not exist"
            raise UsageError(f"Decision {number} {what}.", "See them with: grade history STUDENT")
        self.add([Decision(Kind.UNDO, found.student, found.team, undoes=number, why=why, who=who)])
        return replace(found, is_undone=True)

    def _added(self, connection: Connection, made: Decision, now: datetime) -> Decision:
        made = replace(made, who=made.who or getpass.getuser(), made_at=now)
        row = {
            "book_id": self._book,
            "kind": made.kind.value,
            "student_id": self._id(connection, students, students.c.name, made.student),
            "team": made.team,
            "exercise_id": self._id(connection, exercises, exercises.c.slug, made.exercise),
            "property": made.property,
            "points": made.points,
            "until": made.until,
            "undoes_id": made.undoes,
            "who": made.who,
            "made_at": made.made_at,
            "why": made.why,
        }
        key = connection.execute(insert(decisions).values(row)).inserted_primary_key
        assert key is not None
        return replace(made, id=int(key[0]))

    def _id(self, connection: Connection, table: Any, column: Any, name: str) -> int | None:
        if not name:
            return None
        wanted = select(table.c.id).where(table.c.book_id == self._book, column == name)
        number: int | None = connection.scalar(wanted)
        if number is None:
            raise UsageError(f"The gradebook knows no {table.name.removesuffix('s')} {name!r}.")
        return number
