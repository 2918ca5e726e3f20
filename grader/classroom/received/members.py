"""The list of a class: who there is, handed in or not, and what a school knows of them.

Any CSV table will do, the gradebooks that Canvas and Moodle export among them: a column `student`,
`name` or `full name`, and any of `id`, `email` and the others that their imports go by. `team`
says who hands in together. Moodle's grading worksheet also says when each student's hand-in came.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path

from grader.classroom.kept.gradebook import Student
from grader.classroom.received import identity, table
from grader.classroom.received.files import printable
from grader.errors import UsageError

MOMENT = "submitted at"  # no detail of a student's: it goes to what they handed in
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
    "team": "team",
    "last modified (submission)": MOMENT,
}
# How Moodle writes a moment, in its English.
MOMENTS = (
    "%A, %d %B %Y, %I:%M %p",
    "%A, %d %B %Y, %H:%M",
    "%d %B %Y, %I:%M %p",
    "%d %B %Y, %H:%M",
    "%Y-%m-%d %H:%M",
)
# What a hand-in may be named after.
NAMES = ("student", "name", "sis login id", "sis user id", "id number", "id", "email")
PARTICIPANT = "Participant "  # before Moodle's ids, which are those of one assignment
NO_STUDENTS = ("points possible", "student, test")
NEVER = ("", "-")
# By which of these a school knows one student alone.
UNIQUE = ("id", "sis user id", "sis login id", "id number", "email")


class Listed(list[dict[str, str]]):
    """What a table says of each student. `is_lasting`: its ids are the same in every assignment;
    those of Moodle's participants are not. `notes` are on lines that say less than they should."""

    is_lasting = True
    notes: tuple[str, ...] = ()


def read(path: Path) -> Listed:
    """What a table says of each student, by `COLUMNS`. UsageError where it cannot be read."""
    found = table.read(path)
    known = {name: COLUMNS[name] for name in found.headings if name in COLUMNS}
    lines = [line for line, _ in found.rows]
    rows = [{known[k]: printable(row[k]) for k in known} for _, row in found.rows]
    if not {"student", "name"} & set(known.values()):
        raise UsageError(
            f"{path} has no column `student`, `name` or `full name` in its first line.",
            "It is a CSV table with a row for each student.",
        )
    is_lasting = not any(row.get("id", "").startswith(PARTICIPANT) for row in rows)
    notes = []
    for row, line in zip(rows, lines, strict=True):
        row["id"] = row.get("id", "").removeprefix(PARTICIPANT)
        written = row.get(MOMENT, "")
        if written in NEVER:
            row[MOMENT] = ""
        elif moment(written, None) is None:
            notes.append(f"{path.name}, line {line}: {written!r} is no date that grade can read.")
            row[MOMENT] = ""
        if any(row.values()) and not _name(row):
            notes.append(f"{path.name}, line {line} has no name, and is passed over.")
    listed = Listed(
        {name: value for name, value in row.items() if value}
        for row in rows
        if _name(row) and not _name(row).lower().startswith(NO_STUDENTS)
    )
    listed.is_lasting = is_lasting
    listed.notes = tuple(notes)
    return listed


def moment(written: str, zone: tzinfo | None) -> datetime | None:
    """A date as tables have it; one without an offset is of `zone`, by default of this machine's.
    None where it is none."""
    found = None
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        for form in MOMENTS:
            try:
                found = datetime.strptime(written, form)
                break
            except ValueError:
                continue
    if found is None or found.tzinfo is not None:
        return found
    return found.replace(tzinfo=zone) if zone else found.astimezone()


def apart(students: Iterable[Student]) -> list[str]:
    """A remark on those who may be one and have two rows, one of the list and one of the hand-ins:
    ids that differ, names in another order, without their accents, or written together."""
    groups: dict[str, list[Student]] = defaultdict(list)
    for student in students:
        groups[_letters(identity.called(student))].append(student)
    shown = []
    for same in groups.values():
        if len(same) > 1 and len({bool(student.is_listed) for student in same}) > 1:
            shown.append(" and ".join(map(_told, same)))
    if not shown:
        return []
    more = f" and {len(shown) - 5} more" if len(shown) > 5 else ""
    note = (
        "Perhaps one student with two rows, one of the list and one of the hand-ins:"
        f" {'; '.join(shown[:5])}{more}. See grade student merge."
    )
    return [note]


def _letters(name: str) -> str:
    """What is left of a name without its order, accents, signs and case."""
    plain = unicodedata.normalize("NFKD", identity.fold(name))
    return "".join(sorted(sign for sign in plain if sign.isalnum()))


def _told(student: Student) -> str:
    number = _id(student.details)
    return f"{student.name} (id {number})" if number else student.name


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
        found_id = known.details.get("id")  # as the hand-ins write it, in every week
        details = {**known.details, **details, **({"id": found_id} if found_id else {})}
        students[own] = replace(known, details=details, is_listed=True)
    for name, student in students.items():
        if student.is_listed is None and rows:
            students[name] = replace(student, is_listed=False)
    return sorted(students.values(), key=lambda student: student.name)


def _owners(students: list[Student], rows: list[Mapping[str, str]]) -> list[str | None]:
    """Whose hand-ins each row is about; None where there are none."""
    by_id: dict[str, str] = {}
    for student in students:
        by_id.setdefault(_plain(_id(student.details)), student.name)
    by_id |= {number: student.name for student in students if (number := _id(student.details))}
    by_id.pop("", None)
    by_name: dict[str, list[Student]] = {}
    for student in students:
        for name in {student.name, identity.called(student)}:
            by_name.setdefault(name, []).append(student)
    owners: list[str | None] = []
    for row in rows:
        if own := by_id.get(_id(row)) or by_id.get(_plain(_id(row))):
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
    """UsageError lists the rows that are about one student."""
    about: dict[tuple[str, str], Mapping[str, str]] = {}
    problems = []
    for row, own in zip(rows, owners, strict=True):
        keys = [("", own, f"{own}'s hand-ins")] if own else []
        keys += [(k, _plain(row[k]), f"the {k} {row[k]}") for k in UNIQUE if row.get(k)]
        for kind, value, words in keys:
            other = about.setdefault((kind, value), row)
            if other is not row:
                problems.append(f"{_said(other)} and {_said(row)} go by {words}.")
                break
    if problems:
        more = f"\nand {len(problems) - 10} more" if len(problems) > 10 else ""
        raise UsageError(
            "Two rows of the list are about one student:"
            + "".join(f"\n{problem}" for problem in problems[:10])
            + more,
            "Give each student one row; the column `id` tells two of one name apart.",
        )


def _plain(number: str) -> str:
    """What spellings of one id have in common: case, spaces, the zeros that spreadsheets drop."""
    text = "".join(number.split()).casefold()
    return (text.lstrip("0") or "0") if text.isdecimal() else text


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
