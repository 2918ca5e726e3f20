"""Whose each line of a school's table is.

A number or an address by which a school knows a student decides; where there is none a name does,
if it is one student's alone. What speaks for two students is nobody's line.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from grader.classroom.exported.systems import System, participant
from grader.classroom.exported.tables import Line
from grader.classroom.kept.gradebook import Attempt, Student
from grader.classroom.received import identity
from grader.classroom.received.files import PRESETS, compiled
from grader.classroom.received.identity import LASTING


@dataclass
class Matched:
    """By the index of a line, the student; and what is to be said of the lines, by their numbers.

    `nameless` is how each line that is nobody's may be spoken of.
    """

    students: dict[int, Student] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)


def matched(system: System, students: Sequence[Student], attempts: Iterable[Attempt]) -> Matched:
    """Whose line each is."""
    known = _Known(students, attempts if not system.ids_last else ())
    found = Matched()
    for index, line in enumerate(system.lines):
        person = system.person(line)
        several, why = known.whose(person, ids_last=system.ids_last)
        if len(several) == 1:
            found.students[index] = several[0]
            continue
        shown = spoken(person)
        if several:
            names = " or ".join(student.name for student in several[:3])
            found.notes[line.number] = f"{shown} may be {names}: {why}; left as it is"
        else:
            found.notes[line.number] = f"{shown} is nobody in the gradebook; left as it is"
    _part(system.lines, found)
    return found


def spoken(person: Mapping[str, str]) -> str:
    """What a line's person is called in a message."""
    name = person.get("name", "")
    number = next((person[key] for key in ("id", *LASTING) if key in person), "")
    return f"{name} ({number})" if name and number else name or number or "a line without a name"


def _part(lines: Sequence[Line], found: Matched) -> None:
    """Two lines of one student are neither's: it cannot be told which one counts."""
    by_name: dict[str, list[int]] = defaultdict(list)
    for index, student in found.students.items():
        by_name[student.name].append(index)
    for name, indices in by_name.items():
        if len(indices) > 1:
            numbers = " and ".join(str(lines[index].number) for index in indices)
            for index in indices:
                del found.students[index]
                note = f"lines {numbers} are all {name}'s; left as they are"
                found.notes[lines[index].number] = note


class _Known:
    """The students of a gradebook by whatever a table may call them."""

    def __init__(self, students: Sequence[Student], attempts: Iterable[Attempt]) -> None:
        self._students = identity.settled(students)
        self._by_key = {key: self._index(lambda s, k=key: [s.details.get(k, "")])  # type: ignore[misc]
                        for key in ("id", *LASTING)}  # fmt: skip
        self._by_any = self._index(_numbers)
        self._by_name = self._index(_names, identity.fold)
        self._by_words = self._index(
            lambda s: {each for name in _names(s) for each in _spellings(name)}, str
        )
        own = defaultdict(set)
        moodle = compiled(PRESETS["moodle"])
        for attempt in attempts:
            if match := moodle.search(attempt.path):
                own[attempt.student].add(match["id"])
        # A school's number is not Moodle's: in a worksheet without names, hand-ins alone say it.
        self._by_participant = self._index(lambda s: own[s.name])

    def _index(
        self, of: Callable[[Student], Iterable[str]], how: Callable[[str], str] | None = None
    ) -> dict[str, list[Student]]:
        found: dict[str, list[Student]] = defaultdict(list)
        for student in self._students:
            for key in {(how or _plain)(text) for text in of(student) if text}:
                if key:
                    found[key].append(student)
        return found

    def whose(self, person: Mapping[str, str], *, ids_last: bool) -> tuple[list[Student], str]:
        """Whom it may be: one, none, or those between whom nobody can tell, and why."""
        by_number = self._by_numbers(person, ids_last=ids_last)
        by_name = self._named(person.get("name", ""))
        if len(by_number) > 1:
            return by_number, "its numbers are of different students"
        if by_number:
            if by_name and by_number[0] not in by_name:
                return [by_number[0], *by_name], "its number and its name are of different students"
            return by_number, ""
        number = "" if ids_last else participant(person.get("id", ""))
        if len(by_name) > 1 and number:
            narrowed = [s for s in by_name if s in self._by_participant.get(_plain(number), [])]
            by_name = narrowed or by_name
        # Where Moodle hides the names, a participant is called by the number.
        is_named = "name" in person and _plain(person["name"]) != _plain(person.get("id", ""))
        if is_named or not number:
            return by_name, "they share the name"
        return self._by_participant.get(_plain(number), []), "both have that number"

    def _by_numbers(self, person: Mapping[str, str], *, ids_last: bool) -> list[Student]:
        """Those whom the numbers and addresses of a line are of."""
        found: list[Student] = []
        for key in LASTING:
            if text := person.get(key, ""):
                # A teacher's own list may have called the same number otherwise.
                same = self._by_key[key].get(_plain(text)) or self._by_any.get(_plain(text), [])
                found += [student for student in same if student not in found]
        if ids_last and (text := person.get("id", "")):
            # A teacher's own list may have counted otherwise: what the others say goes first.
            found = found or list(self._by_key["id"].get(_plain(text), []))
        return found

    def _named(self, name: str) -> list[Student]:
        if exact := self._by_name.get(identity.fold(name), []):
            return exact
        same = [s for spelling in _spellings(name) for s in self._by_words.get(spelling, [])]
        return list({student.name: student for student in same}.values())


def _plain(text: str) -> str:
    """What spellings of one number have in common: case, spaces, zeros that spreadsheets drop."""
    plain = "".join(text.split()).casefold()
    return (plain.lstrip("0") or "0") if plain.isdecimal() else plain


def _numbers(student: Student) -> list[str]:
    """Whatever a school may know a student by, their name in the gradebook included: a login."""
    numbers = [student.details.get(key, "") for key in ("id", *LASTING)]
    return [*numbers, student.name, *(number for pair in student.aliases for number in pair)]


def _names(student: Student) -> list[str]:
    return [student.name, identity.called(student), *(name for name, _ in student.aliases)]


def _spellings(name: str) -> set[str]:
    """A name without accents and signs, its words in any order, and those written together:
    `Lovelace, Ada` may be Ada Lovelace, and lovelaceada."""
    plain = unicodedata.normalize("NFKD", identity.fold(name))
    letters = (s if s.isalnum() or unicodedata.category(s) == "Mc" else " " for s in plain
               if not unicodedata.combining(s))  # fmt: skip
    words = "".join(letters).split()
    turned = ("".join(words[n:] + words[:n]) for n in range(len(words)))
    return {" ".join(sorted(words)), *turned} - {""}
