"""The list of a class: who there is, handed in or not, and what a school knows of them.

Any CSV table will do, the gradebooks that Canvas and Moodle export among them: a column `student`,
`name` or `full name`, and any of `id`, `email` and the others that their imports go by.
"""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from grader.classroom.gradebook import Student
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
NO_STUDENTS = ("points possible", "student, test")


def read(path: Path) -> list[dict[str, str]]:
    """What a table says of each student, by `COLUMNS`. UsageError where it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            known = {
                name: COLUMNS[name.strip().lower()]
                for name in table.fieldnames or ()
                if name.strip().lower() in COLUMNS
            }
            rows = [{known[k]: (row[k] or "").strip() for k in known} for row in table]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    if not {"student", "name"} & set(known.values()):
        raise UsageError(
            f"{path} has no column `student`, `name` or `full name` in its first line.",
            "It is a CSV table with a row for each student.",
        )
    for row in rows:
        row["id"] = row.get("id", "").removeprefix("Participant ")
    return [
        {name: value for name, value in row.items() if value}
        for row in rows
        if _name(row) and not _name(row).lower().startswith(NO_STUDENTS)
    ]


def joined(found: Iterable[Student], listed: Iterable[Mapping[str, str]]) -> list[Student]:
    """Who handed in and who is listed, each once: told by the school's id, or by a name."""
    students = {student.name: student for student in found}
    by_id = {student.details.get("id"): student.name for student in students.values()}
    for row in listed:
        names = (row.get(each, "") for each in NAMES)
        own = by_id.get(row.get("id", "")) or next((n for n in names if n in students), _name(row))
        known = students.get(own, Student(own))
        details = {name: value for name, value in row.items() if name != "student"}
        if _name(row) != own:
            details["name"] = _name(row)
        students[own] = Student(own, {**known.details, **details})
    return sorted(students.values(), key=lambda student: student.name)


def _name(row: Mapping[str, str]) -> str:
    return row.get("student") or row.get("name", "")
