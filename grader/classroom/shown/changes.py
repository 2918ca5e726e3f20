"""Whose score moved in a run, and why."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.classroom.kept.gradebook import Column, Run
from grader.classroom.shown.grades import Grade, Gradesheet
from grader.classroom.shown.sheets import number
from grader.formats.csv import cell
from grader.writing import put

FILE = "changes.csv"


@dataclass(frozen=True)
class Change:
    """One score that was another when the run began; None where there was or is none."""

    student: str
    exercise: Column
    before: float | None
    now: float | None
    why: str


def changes(
    before: Mapping[str, Mapping[str, float | None]], sheet: Gradesheet, run: Run
) -> list[Change]:
    """The scores that a student had when the run began and has no more. A first score moved
    nothing."""
    found = []
    for student in sheet.students:
        for exercise in sheet.exercises:
            old = before.get(student.name, {}).get(exercise.slug)
            grade = sheet.grade(student, exercise)
            new = grade.score if grade else None
            if old is not None and (new is None or abs(new - old) > 0.005):
                found.append(Change(student.name, exercise, old, new, _why(grade, run)))
    return found


def _why(grade: Grade | None, run: Run) -> str:
    if grade is None:
        return "nothing is left of it"
    for decision in (grade.excuse, grade.mark):
        if decision is not None:
            return f"{decision.kind} by {decision.who}: {decision.why}"
    if grade.result is not None and grade.result.run == run.id:
        return f"attempt {grade.attempt}: {grade.result.why}"
    if grade.is_pending:
        return "there is no verdict yet"
    return "a date, a rule or a decision is another, or another attempt counts"


def write(folder: Path, found: Sequence[Change]) -> None:
    """Write them into a table of their own; an empty one where nothing moved."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["student", "exercise", "before", "now", "why"])
    for each in found:
        row = [each.student, each.exercise.title, number(each.before), number(each.now), each.why]
        writer.writerow([cell(text) for text in row])
    put(folder / FILE, file.getvalue())
