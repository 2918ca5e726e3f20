"""Whose a hand-in is: the school's id says it where there is one, otherwise a name.

Names are shown, and compared after folding only to find two students who share one. Such two are
kept apart by their ids; without ids nobody can tell them apart, and nothing is graded. What lies
inside a hand-in (names of files, text, notebooks' metadata) is the student's, and says nothing.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from grader.classroom.kept.gradebook import Attempt, Student
from grader.classroom.received.files import File, compiled, printable
from grader.errors import UsageError

# Other numbers by which a school knows a student for good; Moodle's participants are numbered anew
# in each assignment.
LASTING = ("sis user id", "id number", "sis login id", "email")
# Drawn as nothing, besides what Unicode calls format and control characters.
_INVISIBLE = {*map(chr, (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0))}
_SELECTORS = ("\u180b\u180c\u180d\u180f", "\ufe00", "\ufe0f")
# Cyrillic and Greek letters, small as they are after folding, that are drawn like Latin ones in
# either case.
_ALIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u051b\u051d\u04cf"
    "\u0432\u043d\u043c\u0442\u043a\u0475\u03b1\u03bf\u03bd\u03c1\u03c5\u03b9\u03ba\u03c4\u03c7"
    "\u03b5\u03b7\u03b2\u03bc\u03b6\u03b3\u0131",
    "aeopcyxijsdhqwlbhmtkvaovpuiktxehbmzyi",
)
_SHOWN = 3  # of a long list, in one message

Owner = tuple[str, str]  # the school's id, or else the name as it is spelled on the disk


def owner(file: File) -> Owner:
    """Whose a file is; equal for equal students of one folder, and different for others."""
    number = file.place.student.details.get("id", "")
    return (number, "") if number else ("", file.place.spelling or file.place.student.name)


@lru_cache(1 << 14)
def fold(name: str) -> str:
    """What names have in common that differ in case, composition, spaces or invisible signs."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    seen = "".join(sign for sign in text if sign.isspace() or not _is_invisible(sign))
    return " ".join(seen.split()).strip(" .")


@lru_cache(1 << 14)
def look(name: str) -> str:
    """What names have in common that look alike, in letters of other alphabets too."""
    return fold(fold(name).translate(_ALIKE))


def _is_invisible(sign: str) -> bool:
    is_selector = sign in _SELECTORS[0] or _SELECTORS[1] <= sign <= _SELECTORS[2]
    return is_selector or sign in _INVISIBLE or unicodedata.category(sign) in ("Cf", "Cc")


def spelled(name: str) -> str:
    """A name with its spelling, where that is not plain to see."""
    is_plain = name.isascii() and name.isprintable() and name == " ".join(name.split()).strip(".")
    return name if is_plain else f"{printable(name)} ({name!a})"


# --- within one folder ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Named:
    """Files whose students have names of their own, everybody, and what a teacher should know."""

    files: list[File]
    students: list[Student]
    notes: list[str]


def named(files: Sequence[File], folders: Iterable[str]) -> Named:
    """Give each owner of `files`, and of `folders` (as they are spelled), a name of their own.

    Those who share a name have their ids behind it. UsageError names those who share one and lack
    an id.
    """
    people: dict[Owner, Student] = {}
    paths: dict[Owner, str] = {}
    aliases: dict[Owner, dict[str, str]] = defaultdict(dict)
    for file in files:
        who, student = owner(file), file.place.student
        known = people.setdefault(who, student)
        people[who] = replace(known, details={**known.details, **student.details})
        paths.setdefault(who, file.path)
        aliases[who].setdefault(fold(student.name), student.name)
    for folder in folders:
        people.setdefault(("", folder), Student(printable(folder)))
    notes = [
        f"One id is given to several names, and taken for one student: {', '.join(names.values())}"
        f" ({who[0]})."
        for who, names in aliases.items()
        if len(names) > 1
    ]
    sharing = _sharing(people)
    _refuse([group for group in sharing if not all(number for number, _ in group)], paths)
    final = {who: student.name for who, student in people.items()}
    for group in sharing:
        for who in group:
            final[who] = f"{people[who].name} ({who[0]})"
    _make_unique(final)
    students = {who: _renamed(student, final[who]) for who, student in people.items()}
    notes += [
        f"{people[group[0]].name} is the name of {len(group)} students, who are kept apart by their"
        f" ids: {_listed(sorted(number for number, _ in group), 10)}."
        for group in sharing
    ]
    notes += _lookalikes([student.name for student in students.values()], [])
    placed = [_moved(file, students[owner(file)]) for file in files]
    return Named(placed, sorted(students.values(), key=lambda each: each.name), notes)


def _sharing(people: Mapping[Owner, Student]) -> list[list[Owner]]:
    """Owners who share a name, in groups."""
    by_name: dict[str, dict[Owner, None]] = defaultdict(dict)
    for who, student in people.items():
        # Names that are spelled differently may be shown as one, and the other way round.
        for name in {fold(student.name), fold(who[1] or student.name)}:
            by_name[name][who] = None
    groups = {tuple(group) for group in by_name.values() if len(group) > 1}
    return [list(group) for group in sorted(groups)]


def _refuse(groups: Sequence[Sequence[Owner]], paths: Mapping[Owner, str]) -> None:
    if not groups:
        return

    def said(who: Owner) -> str:
        name = f"id {who[0]}" if who[0] else spelled(who[1])
        return f"{name} in {paths[who]}" if who in paths else name

    shown = ["; ".join(map(said, sorted(group))) for group in groups]
    raise UsageError(
        "Students share a name, and it cannot be told whose work is whose:"
        + "".join(f"\n{line}" for line in shown[:10])
        + (f"\nand {len(shown) - 10} more" if len(shown) > 10 else ""),
        "Nothing was graded. Give each a name of their own, or an id (see --pattern).",
    )


def _make_unique(final: dict[Owner, str]) -> None:
    """A name may also be what another's is with the id; those with an id give way, as often as it
    takes."""
    while True:
        taken: dict[str, list[Owner]] = defaultdict(list)
        for who, name in final.items():
            taken[fold(name)].append(who)
        again = [who for group in taken.values() if len(group) > 1 for who in group if who[0]]
        if not again:
            return
        for who in again:
            final[who] += f" ({who[0]})"


def _renamed(student: Student, name: str) -> Student:
    """The same student under another name, who is still called by the one that was given."""
    if name == student.name:
        return student
    return replace(student, name=name, details={"name": called(student), **student.details})


def _moved(file: File, student: Student) -> File:
    return replace(file, place=replace(file.place, student=student))


def _lookalikes(names: Iterable[str], others: Iterable[str]) -> list[str]:
    """A remark on each of `names` that looks like another, and is none."""
    groups: dict[str, list[str]] = defaultdict(list)
    fresh = set(names)
    for name in sorted({*fresh, *others}):
        groups[look(name)].append(name)
    return [
        f"Names that look alike, of different students: {'; '.join(map(spelled, group))}."
        for group in groups.values()
        if len(group) > 1 and not fresh.isdisjoint(group)
    ]


# --- against the gradebook -----------------------------------------------------------------------


@dataclass
class _Row:
    """A student of the gradebook, with every id that their hand-ins came under."""

    student: Student
    ids: set[str]
    by_exercise: dict[str, set[str]]  # "" where a path has no id


def placed(
    students: Sequence[Student],
    slugs: Mapping[str, Collection[str]],
    known: Sequence[Student],
    attempts: Sequence[Attempt],
    pattern: str | None,
    is_lasting: bool,
) -> tuple[dict[str, Student], list[str]]:
    """Whom of the gradebook's students (`known`) each of `students` is, by name, and notes.

    `slugs` says for which exercises each handed in. An id decides; without one on either side, the
    name. Where ids are not `is_lasting` (Moodle numbers anew in each assignment), an unknown id is
    the student of that name in the gradebook, unless that one has answered the same exercise under
    another id. Whoever is nobody there is new, under a name that nobody has. UsageError where no
    such name can be made.
    """
    rows = _rows(known, attempts, pattern)
    displays = defaultdict(list)
    for student in students:
        displays[fold(called(student))].append(student.name)
    found: dict[str, _Row] = {}
    taken: set[str] = set()

    def assign(choose: Callable[[Student], list[_Row]]) -> None:
        for student in students:
            if student.name in found:
                continue
            free = [row for row in choose(student) if row.student.name not in taken]
            exact = [row for row in free if row.student.name == student.name]
            if row := next(iter(exact or sorted(free, key=_weight)), None):
                found[student.name] = row
                taken.add(row.student.name)

    def by_id(student: Student) -> list[_Row]:
        number = student.details.get("id")
        return list(index.get(number or "", ()))

    index: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        index[row.student.details.get("id", "")].append(row)
    index.pop("", None)
    assign(by_id)
    index.clear()
    for row in rows:
        for number in row.ids - {""}:
            index[number].append(row)
    assign(by_id)

    for key in LASTING:
        index.clear()
        for row in rows:
            if value := row.student.details.get(key, "").casefold():
                index[value].append(row)
        assign(lambda student, key=key: index.get(student.details.get(key, "").casefold(), []))  # type: ignore[misc]

    by_name: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        for name in {row.student.name, called(row.student)}:
            by_name[name].append(row)
    told_by_name: list[str] = []

    def by_its_name(student: Student) -> list[_Row]:
        if len(displays[fold(called(student))]) > 1 and _id(student):
            return []
        same = {id(row): row for name in (student.name, called(student)) for row in by_name[name]}
        able = [
            row
            for row in same.values()
            if _may_be(student, row, slugs.get(student.name, ()), is_lasting)
        ]
        exact = [row for row in able if row.student.name == student.name and not _id(student)]
        return exact or (able if len(same) == 1 else [])

    before = set(found)
    assign(by_its_name)
    for name in found.keys() - before:
        mine = next(_id(student) for student in students if student.name == name)
        theirs = _id(found[name].student)
        if mine and theirs and mine != theirs:
            told_by_name.append(f"{name} ({theirs}, now {mine})")
    return _settled(students, found, known, told_by_name, has_ids=_has_ids(pattern))


def settled(everybody: Sequence[Student]) -> list[Student]:
    """The gradebook's students without the former names and ids that mean somebody else by now."""
    bearers: dict[str, set[str]] = defaultdict(set)
    for each in everybody:
        for text in written(replace(each, aliases=())):
            bearers[text].add(each.name)

    def is_free(pair: tuple[str, str], owner: Student) -> bool:
        return not any(bearers.get(fold(text), set()) - {owner.name} for text in pair if text)

    return [
        replace(each, aliases=tuple(pair for pair in each.aliases if is_free(pair, each)))
        if each.aliases
        else each
        for each in everybody
    ]


def renamed(everybody: Sequence[Student], old: str, new: str) -> str:
    """`new` as the name that the student `old` may have from now on. UsageError where it is none,
    or may mean somebody else."""
    name = " ".join(new.split())
    if not fold(name):
        raise UsageError(f"{new!r} is no name.", "Write what the student is called.")
    for each in everybody:
        if each.name != old and means(replace(each, aliases=()), name):
            raise UsageError(
                f"{spelled(name)} is the name or the id of a student already: {each.name}.",
                f"Are they one? grade student merge {old!r} {each.name!r}",
            )
    return name


def aliased(
    students: Sequence[Student], known: Sequence[Student], teams: Mapping[str, Sequence[str]]
) -> dict[str, Student]:
    """Who of `students` comes under another name or id of one of the gradebook's, by name: after a
    merging or a renaming, or because the name is a team's, which is then its first member's."""
    names = {each.name for each in known}
    owners: dict[tuple[str, str], Student] = {}
    for each in settled(known):
        for name, number in each.aliases:
            owners[fold(name), number] = each
    found = {}
    for student in students:
        if student.name in names:
            continue
        for key in (("", _id(student)), (fold(student.name), "")):
            row = owners.get(key) if key != ("", "") else None
            is_another = row and key[0] and _id(student) and _id(row) not in ("", _id(student))
            if row and not is_another:
                details = {k: v for k, v in student.details.items() if k not in ("id", "name")}
                found[student.name] = Student(row.name, details, is_listed=student.is_listed)
                break
    everybody = names | {student.name for student in students}
    for team, members in teams.items():
        for student in students:
            if fold(student.name) == fold(team) and student.name not in names and members:
                first = sorted(members)[0]
                if first in everybody and student.name not in found:
                    found[student.name] = Student(first)
    return found


def _rows(known: Sequence[Student], attempts: Sequence[Attempt], pattern: str | None) -> list[_Row]:
    rows = {each.name: _Row(each, {_id(each)} - {""}, defaultdict(set)) for each in known}
    place = compiled(pattern) if pattern and _has_ids(pattern) else None
    for attempt in attempts:
        match = place.search(attempt.path) if place is not None else None
        number = (match["id"] or "") if match else ""
        row = rows[attempt.student]
        row.by_exercise[attempt.exercise].add(number)
        row.ids |= {number} - {""}
    return list(rows.values())


def _has_ids(pattern: str | None) -> bool:
    """Whether hand-ins themselves say the ids; otherwise only a list of the class does."""
    return pattern is not None and "id" in compiled(pattern).groupindex


def _weight(row: _Row) -> tuple[bool, str]:
    return not row.by_exercise, row.student.name


def _may_be(student: Student, row: _Row, slugs: Collection[str], is_lasting: bool) -> bool:
    """Whether a student of one's name may be oneself."""
    mine, theirs = _id(student), row.ids
    if not mine or not theirs or mine in theirs:
        return True
    if is_lasting or _differ(student, row.student):
        return False
    under = [row.by_exercise[slug] for slug in slugs if slug in row.by_exercise]
    return not any(ids and "" not in ids and mine not in ids for ids in under)


def _differ(one: Student, two: Student) -> bool:
    """Whether a school knows two students by different numbers; addresses may change."""
    pairs = ((one.details.get(key), two.details.get(key)) for key in LASTING[:2])
    return any(mine and theirs and mine != theirs for mine, theirs in pairs)


def _settled(
    students: Sequence[Student],
    found: Mapping[str, _Row],
    known: Sequence[Student],
    told_by_name: Sequence[str],
    *,
    has_ids: bool,
) -> tuple[dict[str, Student], list[str]]:
    names = {fold(student.name): student.name for student in known}
    result: dict[str, Student] = {}
    apart, renamed = [], []
    for student in students:
        if row := found.get(student.name):
            if _id(student) and not _is_alike(student, row.student):
                renamed.append(f"{called(student)} is {called(row.student)} ({_id(student)})")
            result[student.name] = replace(student, name=row.student.name)
            continue
        name = student.name
        while (other := names.get(fold(name))) is not None:
            if not (_id(student) and has_ids):
                if other != name:
                    break
                raise UsageError(
                    f"{name} is in the gradebook {_with_id(_id_of(other, known))}, and here"
                    f" {_with_id(_id(student))}: it cannot be told whether they are one.",
                    "Nothing was graded. Correct the list of the class, or give each student a"
                    " name of their own.",
                )
            name = f"{called(student) if name == student.name else name} ({_id(student)})"
        if name != student.name or fold(name) in names:
            apart.append(f"{spelled(called(student))} and {spelled(names[fold(student.name)])}")
        names[fold(name)] = name
        result[student.name] = _renamed(student, name)
    notes = []
    if apart:
        notes.append(f"Of one name, and kept apart in the gradebook: {_listed(apart)}.")
    if told_by_name:
        notes.append(
            f"Told by their names, for their ids are other ones in the gradebook:"
            f" {_listed(told_by_name)}."
        )
    if renamed:
        notes.append(f"Told by their ids, for their names differ: {_listed(renamed)}.")
    fresh = [each.name for each in result.values() if each.name not in {k.name for k in known}]
    return result, [*notes, *_lookalikes(fresh, [each.name for each in known])]


def _is_alike(one: Student, two: Student) -> bool:
    """Whether a name of the one has the letters of one of the other's, however it is written."""

    def letters(student: Student) -> set[str]:
        names = (student.name, called(student))
        return {"".join(sorted(s for s in fold(name) if s.isalnum())) for name in names}

    return not letters(one).isdisjoint(letters(two))


def _id(student: Student) -> str:
    return student.details.get("id", "")


def _id_of(name: str, known: Iterable[Student]) -> str:
    return next((_id(student) for student in known if student.name == name), "")


def _with_id(number: str) -> str:
    return f"with the id {number}" if number else "without an id"


def _listed(items: Sequence[str], most: int = _SHOWN) -> str:
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more


# --- for people ----------------------------------------------------------------------------------


def called(student: Student) -> str:
    """What a student is called, whatever they are known by."""
    return student.details.get("name") or student.name


def written(student: Student) -> frozenset[str]:
    """Whatever a person may write who means that student, folded: names, ids, addresses."""
    known = (student.details.get(key, "") for key in ("id", *LASTING))
    names = {student.name, called(student), *known, *(name for name, _ in student.aliases)}
    return frozenset(map(fold, names)) - {""}


def means(student: Student, text: str) -> bool:
    """Whether a person who writes `text` may mean that student."""
    return fold(text) in written(student)


def shown(students: Iterable[Student]) -> dict[str, str]:
    """By the name of each whose name looks like another's: what a page or a screen writes, with
    the id. The others go by their names."""
    everybody = list(students)
    holders: dict[str, set[str]] = defaultdict(set)
    looks = {
        student.name: {look(name) for name in (student.name, called(student))}
        for student in everybody
    }
    for name, own in looks.items():
        for each in own:
            holders[each].add(name)
    return {
        student.name: _told_apart(student)
        for student in everybody
        if any(len(holders[each]) > 1 for each in looks[student.name])
    }


def _told_apart(student: Student) -> str:
    name = called(student)
    if number := _id(student):
        return student.name if student.name.endswith(f"({number})") else f"{name} ({number})"
    return f"{name} ({student.name})" if name != student.name else spelled(name)
