"""The list of a class: who there is, handed in or not, and what a school knows of them.

Any CSV table will do, the gradebooks that Canvas and Moodle export among them: a column `student`,
`name` or `full name`, and any of `id`, `email` and the others that their imports go by.
"""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from grader.classroom.kept.gradebook import Student
from grader.classroom.received import identity
from grader.classroom.received.files import printable
from grader.errors import UsageError

COLUMNS = {
    "student": "student",
    "name": "name",
    "full name": "name",
    "id": "id",
    "identifier": "id",
    "email": "email",
    "email address": "email",
    "id number": "id number",
    "sis user id": "sis user id",
    "sis login id": "sis login id",
    "section": "section",
}
# What a hand-in may be named after.
NAMES = ("student", "name", "sis login id", "sis user id", "id number", "id", "email")
PARTICIPANT = "Participant "  # before Moodle's ids, which are those of one assignment
NO_STUDENTS = ("points possible", "student, test")


class Listed(list[dict[str, str]]):
    """What a table says of each student. `is_lasting`: its ids are the same in every assignment;
    those of Moodle's participants are not."""

    is_lasting = True


def read(path: Path) -> Listed:
    """What a table says of each student, by `COLUMNS`. UsageError where it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            known = {
                name: COLUMNS[name.strip().lower()]
                for name in table.fieldnames or ()
                if name.strip().lower() in COLUMNS
            }
            rows = [{known[k]: printable((row[k] or "").strip()) for k in known} for row in table]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    if not {"student", "name"} & set(known.values()):
        raise UsageError(
            f"{path} has no column `student`, `name` or `full name` in its first line.",
            "It is a CSV table with a row for each student.",
        )
    is_lasting = not any(row.get("id", "").startswith(PARTICIPANT) for row in rows)
    for row in rows:
        row["id"] = row.get("id", "").removeprefix(PARTICIPANT)
    listed = Listed(
        {name: value for name, value in row.items() if value}
        for row in rows
        if _name(row) and not _name(row).lower().startswith(NO_STUDENTS)
    )
    listed.is_lasting = is_lasting
    return listed


def joined(found: Iterable[Student], listed: Iterable[Mapping[str, str]]) -> list[Student]:
    """Who handed in and who is listed, each once: told by the school's id, or by a name.

    A name tells nobody who has another id. UsageError where two rows are about one student, or one
    row may be about two.
    """
    students = {student.name: student for student in found}
    rows = list({tuple(sorted(row.items())): row for row in listed}.values())
    owners = _owners(list(students.values()), rows)
    _refuse_shared(rows, owners)
    names = {identity.fold(name): name for name in students}
    for row, own in zip(rows, owners, strict=True):
        details = {name: value for name, value in row.items() if name != "student"}
        if own is None:
            own = _free_name(row, names)
            names[identity.fold(own)] = own
        known = students.get(own, Student(own))
        if _name(row) != own:
            details["name"] = _name(row)
        students[own] = Student(own, {**known.details, **details})
    return sorted(students.values(), key=lambda student: student.name)


def _owners(students: list[Student], rows: list[Mapping[str, str]]) -> list[str | None]:
    """Whose hand-ins each row is about; None where there are none."""
    by_id = {number: student.name for student in students if (number := _id(student.details))}
    by_name: dict[str, list[Student]] = {}
    for student in students:
        for name in {student.name, identity.called(student)}:
            by_name.setdefault(name, []).append(student)
    owners: list[str | None] = []
    for row in rows:
        if own := by_id.get(_id(row)):
            owners.append(own)
            continue
        able = []
        for name in (row.get(each, "") for each in NAMES):
            same = by_name.get(name, [])
            able = [s for s in same if not (_id(row) and _id(s.details))]
            if able:
                break
        if len(able) > 1:
            raise UsageError(
                f"{_said(row)} of the list may be {' or '.join(s.name for s in able)}.",
                "Add the column `id`, with the ids that the hand-ins go by.",
            )
        owners.append(able[0].name if able else None)
    return owners


def _refuse_shared(rows: list[Mapping[str, str]], owners: list[str | None]) -> None:
    about: dict[str, Mapping[str, str]] = {}
    numbers: dict[str, Mapping[str, str]] = {}
    for row, own in zip(rows, owners, strict=True):
        for key, seen in ((own, about), (_id(row), numbers)):
            other = seen.setdefault(key, row) if key else row
            if other is not row:
                what = f"{own}'s hand-ins" if seen is about else f"the id {key}"
                raise UsageError(
                    f"Two rows of the list go by {what}: {_said(other)} and {_said(row)}.",
                    "Give each student one row; the column `id` tells two of one name apart.",
                )


def _free_name(row: Mapping[str, str], names: Mapping[str, str]) -> str:
    """The name of one who handed in nothing: the row's, with the id where another has it."""
    name, number = _name(row), _id(row)
    while (other := names.get(identity.fold(name))) is not None:
        if not number:
            raise UsageError(
                f"{identity.spelled(name)} of the list and {identity.spelled(other)} share a name,"
                " and it cannot be told whether they are one.",
                "Write the name in the same way, or add the column `id`.",
            )
        name += f" ({number})"
    return name


def _said(row: Mapping[str, str]) -> str:
    number = _id(row)
    return identity.spelled(_name(row)) + (f" (id {number})" if number else "")


def _id(row: Mapping[str, str]) -> str:
    return row.get("id", "")


def _name(row: Mapping[str, str]) -> str:
    return row.get("student") or row.get("name", "")
