"""What the tables of Canvas, Moodle and Blackboard are made of.

Canvas: the gradebook that it exports and imports (its `GradebookExporter` and `GradebookImporter`,
and “How do I import grades in the Gradebook?” of its guides). Moodle: the grading worksheet of an
assignment (`assignfeedback_offline`, and “Assignment settings: offline grading worksheet” of its
documentation). Blackboard: “Work offline with grade data” of its help, of Learn in both views.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.classroom.exported.tables import Line, Table
from grader.classroom.received.members import COLUMNS, NO_STUDENTS
from grader.errors import UsageError

NOTHING = ("", "-", "\N{EN DASH}", "\N{EM DASH}")  # what stands where there is no mark
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_COMMA = re.compile(r"\s*[0-9]+,[0-9]{1,5}\s*%?\s*")
_POINT = re.compile(r"\s*[0-9]+\.[0-9]{1,5}\s*%?\s*")


@dataclass(frozen=True)
class Target:
    """A column that marks go into. `heading` is what stands above it, `name` the part that a person
    gave it, `number` the system's own, "" where it has none; `points` what there is to get, None
    where that is not said, and `written` how that is. `closed`: why nobody can write into it."""

    index: int
    heading: str
    name: str
    number: str = ""
    points: float | None = None
    closed: str = ""
    written: str = ""


@dataclass
class System:
    """A table as one system means it: whose its lines are, and what may be written where.

    `people` says in which columns a person's names and numbers stand, by the keys of a student's
    details. `ids_last`: the numbers under `id` are those of the whole course. `excused` is what
    stands for a mark where the exercise does not count, None where there is no word for it.
    `comments` is the column of what is said to a student, `comment_form` the one for its format.
    """

    name: str
    table: Table
    people: Mapping[str, Sequence[int]]
    targets: Sequence[Target]
    lines: Sequence[Line]
    ids_last: bool = True
    excused: str | None = None
    comments: int | None = None
    comment_form: int | None = None
    is_capped: bool = False
    most: int | None = None  # the column of what there is to get
    editable: int | None = None
    unassigned: str | None = None

    def person(self, line: Line) -> dict[str, str]:
        """What a line says of whose it is."""
        found = {
            key: " ".join(filter(None, (line[index] for index in indices)))
            for key, indices in self.people.items()
        }
        return {key: value for key, value in found.items() if value}

    def refusal(self, line: Line, target: Target) -> str:
        """Why the system would not take a mark there; "" where it would."""
        if self.unassigned is not None and line[target.index] == self.unassigned:
            return f"{self.name} has not assigned it to them ({self.unassigned})"
        if self.editable is not None and line[self.editable].casefold() in NO:
            return f"{self.name} has locked it ({self.table.header[self.editable]}: no)"
        return ""

    def points(self, line: Line, target: Target) -> float | None:
        """What there is to get, None where that is not said."""
        return parsed(line[self.most]) if self.most is not None else target.points

    @cached_property
    def has_commas(self) -> bool:
        """Whether numbers have a decimal comma there: as those that are there, or else as where
        a list is parted by semicolons."""
        indices = [target.index for target in self.targets]
        indices += [self.most] if self.most is not None else []
        cells = [line[index] for line in self.table.body for index in indices]
        cells += [target.written for target in self.targets]
        if any(map(_POINT.fullmatch, cells)):
            return False
        return any(map(_COMMA.fullmatch, cells)) or self.table.separator == ";"

    def target(self, text: str) -> Target:
        """The column that a person means: by its number, heading or name. UsageError."""
        for key in ("number", "heading", "name"):
            found = [each for each in self.targets if _folded(getattr(each, key)) == _folded(text)]
            if len(found) == 1:
                return found[0]
            if found:
                numbers = ", ".join(each.number or each.heading for each in found)
                raise UsageError(f"{text!r} may be several columns.", f"Write one of: {numbers}")
        raise UsageError(
            f"{self.table.path} has no column {text!r} for marks.", f"It has: {self.named_targets}."
        )

    @property
    def open_targets(self) -> list[Target]:
        """The columns that marks can go into. UsageError where there is none."""
        able = [target for target in self.targets if not target.closed]
        if not able:
            reasons = "".join(f" {each.heading}: {each.closed}." for each in self.targets)
            raise UsageError(f"{self.table.path} has no column that marks can go into.{reasons}")
        return able

    @property
    def named_targets(self) -> str:
        """The columns that marks can go into, for a message."""
        return "; ".join(each.heading for each in self.open_targets)


def parsed(text: str) -> float | None:
    """The number in a cell, whatever its decimal sign; None where it is none."""
    text = re.sub(r"[\s\u00a0\u202f%]", "", text)
    if not re.fullmatch(r"-?[0-9][0-9.,]*", text):
        return None
    whole, _, part = text.replace(",", ".").rpartition(".")
    return float(f"{whole.replace('.', '')}.{part}" if whole else part)


def is_mark(text: str) -> bool:
    """Whether somebody put a mark into that cell."""
    return text.casefold() not in (*NOTHING, "n/a", "needs grading", "in progress")


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def recognised(table: Table) -> System:
    """Whose table it is. UsageError where it is none that grade knows."""
    for kind in (_canvas, _blackboard, _moodle):
        if (found := kind(table)) is not None:
            return found
    raise UsageError(
        f"{table.path} is no table that Canvas, Moodle or Blackboard take back:"
        f" its columns are {', '.join(table.header[:8])}.",
        "Give the gradebook that Canvas exports, the grading worksheet of a Moodle assignment, or"
        " what Blackboard calls “Download grades”. The last two are known in English, German,"
        " French, Spanish and Chinese.",
    )


# --- Canvas --------------------------------------------------------------------------------------

CANVAS_PEOPLE = {
    "Student": "name",
    "ID": "id",
    "SIS User ID": "sis user id",
    "SIS Login ID": "sis login id",
    "Integration ID": "integration id",
}
_CANVAS_TARGET = re.compile(r"(?P<name>.+?)\s*\((?P<number>[0-9]+)\)")
# Columns that Canvas works out itself, with the name of a group before or of a period behind them.
_CANVAS_OWN = re.compile(
    "(?:Current|Final) (?:Score|Points|Grade)|Override (?:Score|Grade|Status)", re.IGNORECASE
)
_CANVAS_REMARK = re.compile(r"\s*(?:Muted|Manual Posting.*)?\s*", re.IGNORECASE)


def _canvas(table: Table) -> System | None:
    header = table.header
    if not ({"Student", "LastName"} & set(header[:1]) and {"ID", "Section"} <= set(header)):
        return None
    people = {key: [header.index(name)] for name, key in CANVAS_PEOPLE.items() if name in header}
    if header[:2] == ["LastName", "FirstName"]:
        people["name"] = [1, 0]
    possible = next((line for line in table.body if "Points Possible" in line[0]), None)
    targets = []
    for index in range(header.index("Section") + 1, len(header)):
        heading = header[index]
        if _CANVAS_OWN.search(heading):
            continue
        match = _CANVAS_TARGET.fullmatch(heading)
        about = possible[index] if possible else ""
        points = parsed(about)
        is_own = about.startswith("(") and points is None
        if match is None and points is None and not is_own:
            continue  # notes that the school keeps
        name, number = (match["name"], match["number"]) if match else (heading, "")
        closed = f"Canvas says of it: {about}" if is_own else ""
        targets.append(Target(index, heading, name, number, points, closed))
    lines = [
        line
        for line in table.body
        if line is not possible
        and not all(_CANVAS_REMARK.fullmatch(cell) for cell in line.cells)
        and not line[0].casefold().startswith(NO_STUDENTS)
    ]
    return System("Canvas", table, people, targets, lines, excused="EX", unassigned="N/A")


# --- Blackboard ----------------------------------------------------------------------------------

_BLACKBOARD_TARGET = re.compile(
    r"(?P<name>.*?)\s*(?:\[(?P<about>[^\[\]]*)\])?\s*\|\s*(?P<number>[0-9]+)"
)
# In the languages of those who use it most; a column of numbers is told by its sign in all.
BLACKBOARD_PEOPLE = {
    "sis login id": (
        "username",
        "benutzername",
        "nom d'utilisateur",
        "nombre de usuario",
        "用户名",
    ),
    "id number": ("student id", "studenten-id", "matrikelnummer", "id de estudiante", "学生 id"),
}
BLACKBOARD_NAMES = (
    ("first name", "vorname", "prénom", "nombre", "名字"),
    ("last name", "nachname", "nom", "apellidos", "姓氏"),
)
_CALCULATED = ("up to", "bis zu", "jusqu", "hasta", "最多")


def _blackboard(table: Table) -> System | None:
    header = table.header
    matches = {i: m for i, h in enumerate(header) if (m := _BLACKBOARD_TARGET.fullmatch(h))}
    folded = [_folded(heading) for heading in header]
    people = {
        key: found
        for key, names in BLACKBOARD_PEOPLE.items()
        if (found := [i for i, heading in enumerate(folded) if heading in names])
    }
    if not matches or "sis login id" not in people:
        return None
    columns = [(i, names) for names in BLACKBOARD_NAMES for i in range(len(header))]
    names_at = [i for i, names in columns if folded[i] in names]
    targets = []
    for index, match in matches.items():
        about = match["about"] or ""
        number = _NUMBER.search(about)
        is_calculated = any(word in about.casefold() for word in _CALCULATED)
        closed = f"Blackboard works it out itself ({about})" if is_calculated else ""
        written = number[0] if number else ""
        name, own = match["name"], match["number"]
        targets.append(Target(index, header[index], name, own, parsed(written), closed, written))

    def at(heading: str) -> int | None:
        return folded.index(heading) if heading in folded else None

    return System(
        "Blackboard", table, {**people, "name": names_at}, targets, table.body,
        comments=at("feedback to learner"), comment_form=at("feedback format"),
    )  # fmt: skip


# --- Moodle --------------------------------------------------------------------------------------


# What its columns are called, in several languages. What there is to get stands right behind the
# grade in every worksheet; where a scale is used, its name does.
GRADE = ("grade", "bewertung", "note", "calificación", "nota", "成绩", "成績")
EDITABLE = (
    "grade can be changed",
    "bewertung kann geändert werden",
    "la note peut être modifiée",
    "la calificación puede ser cambiada",
    "允许更改成绩",
)
COMMENTS = (
    "feedback comments",
    "feedback als kommentar",
    "feedback par commentaires",
    "comentarios de retroalimentación",
    "反馈评论",
)
MOODLE_PEOPLE = {
    **COLUMNS,
    "username": "sis login id",
    "vollständiger name": "name",
    "nom complet": "name",
    "nombre completo": "name",
    "全名": "name",
    "e-mail-adresse": "email",
    "adresse de courriel": "email",
    "dirección de correo": "email",
    "电子邮件地址": "email",
    "id-nummer": "id number",
    "numéro d'identification": "id number",
    "número de id": "id number",
    "学号": "id number",
}
NO = ("no", "nein", "non", "否")
_PARTICIPANT = re.compile(r"(?P<word>\D*\D)\s*(?P<number>[0-9]+)")


def _moodle(table: Table) -> System | None:
    """The first column holds “Participant 17” in every line, in whatever language."""
    header = [_folded(heading) for heading in table.header]
    found = [_PARTICIPANT.fullmatch(line[0]) for line in table.body]
    grade = next((i for i, heading in enumerate(header) if heading in GRADE), None)
    words = {match["word"] for match in found if match}
    if not found or not all(found) or len(words) > 1 or grade is None or grade + 1 >= len(header):
        return None
    kinds = ("name", "email", "id number", "sis login id", "sis user id")
    people = {
        key: columns
        for key in kinds
        if (columns := [i for i, h in enumerate(header) if i and MOODLE_PEOPLE.get(h) == key][:1])
    }

    def at(names: Collection[str]) -> int | None:
        return next((i for i, heading in enumerate(header) if heading in names), None)

    scales = [line for line in table.body if parsed(line[grade + 1]) is None]
    closed = f"it is graded by a scale ({scales[0][grade + 1]})" if scales else ""
    points = parsed(table.body[0][grade + 1])
    heading = table.header[grade]
    target = Target(grade, heading, heading, "", points, closed)
    return System(
        "Moodle", table, {"id": [0], **people}, [target], table.body, ids_last=False,
        comments=at(COMMENTS), is_capped=True, most=grade + 1, editable=at(EDITABLE),
    )  # fmt: skip


def participant(text: str) -> str:
    """Moodle's number of a participant; "" where there is none."""
    match = _PARTICIPANT.fullmatch(text)
    return match["number"] if match else ""
