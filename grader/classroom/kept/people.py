"""Who is in the class: renamed, merged, dropped; what they handed in stays theirs."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, select, update

from grader.classroom.kept import database
from grader.classroom.kept.schema import decisions, results, students, submissions
from grader.errors import UsageError


class People:
    """The students of one book, by the names that the gradebook has."""

    def __init__(self, engine: Engine, book: int) -> None:
        self._engine = engine
        self._book = book

    def rename(self, old: str, new: str) -> None:
        """Call a student otherwise; hand-ins under the old name go on being theirs.

        UsageError where somebody has the new name.
        """
        with database.transaction(self._engine) as connection:
            row = self._row(connection, old)
            if self._find(connection, new) is not None:
                raise UsageError(
                    f"There is a student {new!r} already.",
                    f"Are they one? grade student merge {old!r} {new!r}",
                )
            values: dict[str, Any] = {"name": new, "aliases": _joined(row.aliases, [[old, ""]])}
            if row.details.get("name"):
                values["details"] = {**row.details, "name": new}
            self._change(connection, row.id, values)

    def merge(self, one: str, into: str) -> None:
        """Make two students one: what `one` handed in and what was decided is `into`'s from now on,
        as are hand-ins that come under the name or the id of `one`."""
        with database.transaction(self._engine) as connection:
            row, other = self._row(connection, one), self._row(connection, into)
            if row.id == other.id:
                raise UsageError(f"{one!r} and {into!r} are one student already.")
            theirs = [[one, ""], *row.aliases]
            if number := row.details.get("id"):
                theirs.append(["", number])
            self._move_submissions(connection, row.id, other.id)
            connection.execute(
                update(decisions)
                .where(decisions.c.student_id == row.id)
                .values(student_id=other.id)
            )
            connection.execute(delete(students).where(students.c.id == row.id))
            values: dict[str, Any] = {
                "details": {**row.details, **other.details},
                "aliases": _joined(other.aliases, theirs),
            }
            if row.is_listed:
                values["is_listed"] = True
            self._change(connection, other.id, values)

    def _move_submissions(self, connection: Connection, one: int, into: int) -> None:
        """What both handed in is one attempt: the earlier one's, with the results of both."""
        wanted = submissions.c.student_id.in_([one, into])
        by_place: dict[tuple[int, str], list[Any]] = {}
        for row in connection.execute(select(submissions).where(wanted).order_by(submissions.c.id)):
            by_place.setdefault((row.exercise_id, row.sha256), []).append(row)
        for same in by_place.values():
            kept, *others = same
            values = {
                "student_id": into,
                "submitted_at": min(row.submitted_at for row in same),
                "seen_run_id": max(row.seen_run_id for row in same),
            }
            for row in others:
                connection.execute(
                    update(results)
                    .where(results.c.submission_id == row.id)
                    .values(submission_id=kept.id)
                )
                connection.execute(delete(submissions).where(submissions.c.id == row.id))
            connection.execute(
                update(submissions).where(submissions.c.id == kept.id).values(values)
            )

    def drop(self, name: str) -> None:
        """Take a student out of the class: shown and graded no more, but nothing is deleted."""
        with database.transaction(self._engine) as connection:
            row = self._row(connection, name)
            self._change(connection, row.id, {"dropped_at": datetime.now(UTC)})

    def restore(self, name: str) -> None:
        """Take a student back who was dropped."""
        with database.transaction(self._engine) as connection:
            self._change(connection, self._row(connection, name).id, {"dropped_at": None})

    def set_team(self, names: Iterable[str], team: str) -> None:
        """Put students into a team, "" for none."""
        with database.transaction(self._engine) as connection:
            for name in names:
                row = self._row(connection, name)
                details = {key: value for key, value in row.details.items() if key != "team"}
                if team:
                    details["team"] = team
                self._change(connection, row.id, {"details": details})

    def _find(self, connection: Connection, name: str) -> Any:
        wanted = students.c.book_id == self._book, students.c.name == name
        return connection.execute(select(students).where(*wanted)).one_or_none()

    def _row(self, connection: Connection, name: str) -> Any:
        if (row := self._find(connection, name)) is None:
            raise UsageError(f"The gradebook knows no student {name!r}.")
        return row

    def _change(self, connection: Connection, number: int, values: Mapping[str, Any]) -> None:
        connection.execute(update(students).where(students.c.id == number).values(values))


def _joined(own: Iterable[list[str]], more: Iterable[list[str]]) -> list[list[str]]:
    return list(map(list, dict.fromkeys(map(tuple, [*own, *more]))))
