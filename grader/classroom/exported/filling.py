"""Marks put into the columns that a school's system has for them, and what is to be said of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from grader.classroom.exported import comments
from grader.classroom.exported.people import Matched
from grader.classroom.exported.systems import NOTHING, System, Target, is_mark, parsed
from grader.classroom.exported.tables import Line
from grader.classroom.kept.gradebook import Column, Student
from grader.classroom.shown.grades import Gradesheet
from grader.classroom.shown.sheets import number
from grader.errors import UsageError

HALF = 0.005  # of a hundredth: what is nearer is the same mark
TOTAL = "total"

What = Column | None  # an exercise, or None for the total


class State(Enum):
    """What there is to write for one student."""

    SCORE = auto()
    EXCUSED = auto()
    PENDING = auto()
    MISSING = auto()


@dataclass(frozen=True)
class Mark:
    """A score out of `most`, or why there is none."""

    state: State
    score: float = 0.0
    most: float = 0.0
    is_absent: bool = False  # nothing at all was handed in

    def of(self, points: float | None) -> float:
        """The same share of what there is to get elsewhere; as it is where that is not said."""
        if not points or not self.most or points == self.most:
            return self.score
        return self.score * points / self.most


def mark_of(sheet: Gradesheet, student: Student, what: What) -> Mark:
    """What a student has for an exercise, or in all, by the rules of the class."""
    if what is not None:
        grade = sheet.grade(student, what)
        if grade is None:
            return Mark(State.MISSING)
        if grade.excuse is not None:
            return Mark(State.EXCUSED)
        if grade.score is not None:
            return Mark(State.SCORE, grade.score, what.max_score)
        return Mark(State.PENDING if grade.is_handed_in else State.MISSING)
    most, total = sheet.most(student), sheet.total(student)
    if total is None:
        return Mark(State.PENDING)
    if sheet.exercises and not sheet.counted(student):
        return Mark(State.EXCUSED)
    grades = (sheet.grade(student, exercise) for exercise in sheet.exercises)
    is_absent = not any(grade and (grade.is_handed_in or grade.mark) for grade in grades)
    return Mark(State.SCORE, total, most, is_absent)


def called(what: What) -> str:
    """An exercise or the total, for a message."""
    return "the total" if what is None else f"exercise {what.number} ({what.title})"


# --- which column is which exercise --------------------------------------------------------------


def told_by_name(system: System, exercises: Sequence[Column]) -> dict[Target, What]:
    """Which column is about which exercise, by their names. UsageError where nothing can be told,
    or too much."""
    names = {each.slug: _names(each) for each in exercises}
    open_targets = system.open_targets
    found: dict[Target, What] = {}
    for target in open_targets:
        able = [each for each in exercises if _letters(target.name) in names[each.slug]]
        if len(able) == 1:
            if (other := next((t for t, w in found.items() if w == able[0]), None)) is not None:
                raise UsageError(
                    f"Two columns are called as exercise {able[0].number}: {other.heading};"
                    f" {target.heading}.",
                    f"Say which: --column {target.number or target.heading}={able[0].number}",
                )
            found[target] = able[0]
    if not found and len(open_targets) == 1 and len(exercises) == 1:
        found[open_targets[0]] = exercises[0]
    if not found:
        first = open_targets[0]
        raise UsageError(
            f"No column of {system.table.path} is called as an exercise: {system.named_targets}.",
            f"Say what goes where: --column {_quoted(first.number or first.heading)}={TOTAL}, or"
            " the number of an exercise for the total.",
        )
    return found


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text


def _names(exercise: Column) -> set[str]:
    """What a column of that exercise may be called, without signs and spaces."""
    number, padded = exercise.number, f"{exercise.number:02d}"
    stems = {exercise.slug, exercise.title}
    for each in (number, padded):
        for word in ("", "ex", "exercise", "练习", "aufgabe"):
            stems |= {f"{word}{each}{exercise.slug}", f"{word}{each}{exercise.title}"}
            stems |= {f"{word}{each}"} if word else set()
    return {_letters(stem) for stem in stems}


def _letters(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


# --- filling -------------------------------------------------------------------------------------


@dataclass
class Filled:
    """What became of a table: how many marks were written, of how many lines; what is to be said of
    columns and of lines, in their order, and of the students who have no line."""

    written: int = 0
    marks: int = 0
    about_columns: list[str] = field(default_factory=list)
    about_lines: dict[int, list[str]] = field(default_factory=dict)
    without_line: list[str] = field(default_factory=list)

    def say(self, line: Line, text: str) -> None:
        """Note something on a line."""
        self.about_lines.setdefault(line.number, []).append(text)


def fill(
    system: System,
    sheet: Gradesheet,
    wanted: Mapping[Target, What],
    people: Matched,
    *,
    keep: bool = False,
    with_comments: bool = True,
) -> Filled:
    """Write everybody's marks into the table's lines, and what is said to them.

    With `keep`, a mark that is there already stays. Nothing else in the table changes.
    """
    found = Filled()
    for target, what in wanted.items():
        if target.closed:
            raise UsageError(f"Nothing can be written into {target.heading}: {target.closed}.")
        _say_of_column(system, sheet, target, what, found)
    left = [each for each in sheet.exercises if each not in wanted.values()]
    if None not in wanted.values() and left:
        found.about_columns += [f"no column is for {called(each)}" for each in left]
    if with_comments and system.comments is None and system.name == "Moodle":
        found.about_columns.append("there is no column for feedback comments")
    dropped = {student.name for student in sheet.dropped}
    present = {student.name for student in sheet.students}
    for index, line in enumerate(system.lines):
        if line.number in people.notes:
            found.say(line, people.notes[line.number])
        student = people.students.get(index)
        if student is None:
            continue
        if student.name in dropped:
            found.say(line, f"{student.name} is out of the class; left as it is")
            continue
        marks = {target: mark_of(sheet, student, what) for target, what in wanted.items()}
        _say_missing(line, student, wanted, marks, found)
        for target, what in wanted.items():
            _fill(system, line, target, what, (student, marks[target]), found, keep=keep)
        if with_comments and system.comments is not None:
            text = comments.written(sheet, student, list(wanted.values()))
            line[system.comments] = comments.beside(line[system.comments], text)
            if text and system.comment_form is not None:
                line[system.comment_form] = "HTML"
    met = {student.name for student in people.students.values()}
    found.without_line = [s.name for s in sheet.students if s.name in present - met]
    return found


def _say_of_column(
    system: System, sheet: Gradesheet, target: Target, what: What, found: Filled
) -> None:
    if what is not None:
        bases = {float(what.max_score)}
    else:
        bases = {float(sheet.most(s)) for s in sheet.students if sheet.counted(s)}
    found.about_columns.append(f"{target.heading}: {called(what)}")
    if target.points and bases - {target.points}:
        most = " or ".join(number(base) for base in sorted(bases))
        found.about_columns.append(
            f"{target.heading} is out of {number(target.points)}, {called(what)} out of {most}:"
            f" marks are the same share of {number(target.points)}"
        )
    elif not target.points and len(bases) > 1:
        found.about_columns.append(
            f"{system.name} does not say what there is to get for {target.heading}; it is not the"
            " same for all"
        )


def _say_missing(
    line: Line,
    student: Student,
    wanted: Mapping[Target, What],
    marks: Mapping[Target, Mark],
    found: Filled,
) -> None:
    """Which exercises a student did not hand in, in one line."""
    missing = [
        f"{what.number}"
        for target, what in wanted.items()
        if what and marks[target].state is State.MISSING and line[target.index] in NOTHING
    ]
    if missing:
        plural = "s" if len(missing) > 1 else ""
        found.say(
            line,
            f"{student.name}: nothing was handed in for exercise{plural} {', '.join(missing)};"
            " left empty",
        )


def _fill(
    system: System,
    line: Line,
    target: Target,
    what: What,
    whose: tuple[Student, Mark],
    found: Filled,
    *,
    keep: bool,
) -> None:
    """One cell, and what is to be said of it."""
    student, mark = whose
    old = line[target.index]
    where = f"{student.name}, {called(what)}"
    stays = "left empty" if old in NOTHING else f"{old} stays"
    if mark.state is State.MISSING:
        if old not in NOTHING:
            found.say(line, f"{where}: nothing was handed in; {stays}")
        return
    if mark.state is State.PENDING:
        found.say(line, f"{where}: no verdict yet; {stays}")
        return
    if mark.state is State.EXCUSED:
        if system.excused is None:
            found.say(line, f"{where}: excused, which {system.name}'s table cannot say; {stays}")
            return
        new, is_same = system.excused, old.casefold() == system.excused.casefold()
    else:
        points = system.points(line, target)
        score = mark.of(points)
        if system.is_capped and points is not None and score > points + HALF:
            found.say(line, f"{where}: {number(score)} is more than {system.name} takes;"
                            f" {number(points)} is written")  # fmt: skip
            score = points
        new = number(score).replace(".", "," if system.has_commas else ".")
        there = parsed(old)
        is_same = there is not None and abs(there - score) < HALF
    if refusal := system.refusal(line, target):
        if not is_same:
            found.say(line, f"{where}: {new} is not written, for {refusal}")
        return
    found.marks += 1
    if is_same:
        return
    if is_mark(old):
        if keep:
            found.say(line, f"{where}: {old} stays, it would be {new}")
            return
        found.say(line, f"{where}: {old} was there, {new} is written")
    if mark.is_absent:
        found.say(line, f"{where}: nothing at all was handed in; {new} is written")
    line[target.index] = new
    found.written += 1
