"""Whose mark moved since the marks were last told, by a run or by publishing them, and why.

What was told last is kept in the gradebook, with the rules that it went by: a deadline that was
moved, a decision or a team changes marks without anything being graded.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from grader.classroom.kept.decisions import Decision, Kind
from grader.classroom.kept.gradebook import Column, Gradebook, Student
from grader.classroom.shown.grades import FINAL, Grade, Gradesheet, Rules
from grader.classroom.shown.sheets import in_words, number
from grader.course.model import Policy
from grader.formats.csv import cell
from grader.writing import put

FILE = "changes.csv"
TOTAL = "total"
NEAR = 0.005  # no table shows less
# What the names in [policy] decide about.
OF_LATENESS = ("grace_minutes", "file_dates")
OF_PENALTY = ("late_penalty", "late_penalty_most")
OF_CHOICE = ("counts", "max_attempts")
OF_TOTALS = ("drop_lowest",)


@dataclass(frozen=True)
class Change:
    """One score that was another when it was last told; None where there was or is none. Without an
    `exercise` it is the total."""

    student: str
    exercise: Column | None
    before: float | None
    now: float | None
    why: str

    @property
    def title(self) -> str:
        """Of what it is the score."""
        return self.exercise.title if self.exercise else TOTAL


class _Told(NamedTuple):
    """What was told of one student's exercise, and what made it so; None where it is not known."""

    score: float | None = None
    result: int | None = None
    attempt: int | None = None
    earned: float | None = None
    days_late: int | None = None
    penalty: int | None = None
    is_closed: bool | None = None
    submitted_at: str | None = None
    max_score: int | None = None


def snapshot(book: Gradebook, sheet: Gradesheet) -> dict[str, Any]:
    """What is told of a class: everybody's scores by their ids in the gradebook, and what they
    depend on, as it is kept (JSON)."""
    ids = book.ids()
    decisions = book.decisions.valid()
    teams = Rules(sheet.policy, sheet.students, decisions).team
    results = [grade.result.id for grade in sheet.grades.values() if grade.result]
    people = {}
    for student in sheet.students:
        grades = {
            exercise.slug: list(_told(grade))
            for exercise in sheet.exercises
            if (grade := sheet.grade(student, exercise)) is not None
        }
        people[str(ids[student.name])] = {
            "grades": grades,
            "total": sheet.total(student),
            "most": sheet.most(student),
            "team": teams.get(student.name, ""),
        }
    return {
        "rules": _rules(sheet.policy),
        "decisions": [each.id for each in decisions],
        "results": max(results, default=0),
        "students": people,
    }


def _told(grade: Grade) -> _Told:
    result = grade.result
    return _Told(
        score=grade.score,
        result=result.id if result else None,
        attempt=result.attempt if result else None,
        earned=grade.earned,
        days_late=grade.days_late,
        penalty=grade.penalty,
        is_closed=grade.is_closed,
        submitted_at=grade.submitted_at.isoformat() if grade.submitted_at else None,
        max_score=grade.max_score,
    )


def _rules(policy: Policy) -> dict[str, Any]:
    """The rules of a course as they are kept."""
    names = (*OF_LATENESS, *OF_PENALTY, *OF_CHOICE, *OF_TOTALS, "team_marks")
    found: dict[str, Any] = {name: getattr(policy, name) for name in names}
    found |= {name: str(found[name]) for name in ("counts", "team_marks")}
    for name in ("deadline", "last_day"):
        moment = getattr(policy, name)
        found[name] = moment.timestamp() if moment else None
    for name in ("deadlines", "last_days"):
        found[name] = {slug: each.timestamp() for slug, each in getattr(policy, name).items()}
    found["extensions"] = [repr(each) for each in policy.extensions]
    found["teams"] = {name: list(each) for name, each in policy.teams.items()}
    return found


def changes(book: Gradebook, sheet: Gradesheet) -> list[Change]:
    """The scores that a student was told and has no more, and those that came without a grading. A
    first verdict moves nothing."""
    told = book.told()
    return list(_Comparison(book, sheet, told).found()) if told else []


class _Comparison:
    """What was told, against what is so now."""

    def __init__(self, book: Gradebook, sheet: Gradesheet, told: Mapping[str, Any]) -> None:
        self._sheet = sheet
        self._told = told
        self._ids = book.ids()
        self._was = told.get("rules")
        self._is = _rules(sheet.policy)
        before = set(told.get("decisions", ()))
        everything = book.decisions.all() if "decisions" in told else []
        self._new = [
            each
            for each in everything
            if each.is_undone == (each.id in before) and each.kind not in (Kind.UNDO, Kind.COMMENT)
        ]
        everybody = (*sheet.students, *sheet.dropped)
        self._rules = Rules(sheet.policy, everybody, self._new)

    def found(self) -> Iterator[Change]:
        """Student by student."""
        for student in self._sheet.students:
            yield from self._of(student)
        for student in self._sheet.dropped:
            had = self._had(student)
            if had and any(_Told(*each).score is not None for each in had["grades"].values()):
                yield Change(student.name, None, had.get("total"), None, "dropped from the class")

    def _had(self, student: Student) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self._told["students"].get(
            str(self._ids.get(student.name))
        )
        return found

    def _of(self, student: Student) -> Iterator[Change]:
        had = self._had(student)
        grades = had["grades"] if had else {}
        is_moved = is_first = False
        for exercise in self._sheet.exercises:
            old = _Told(*grades[exercise.slug]) if exercise.slug in grades else None
            grade = self._sheet.grade(student, exercise)
            before, now = old.score if old else None, grade.score if grade else None
            if _is_near(before, now):
                continue
            if before is None and grade is not None and self._is_first(grade, student, exercise):
                is_first = True
                continue
            is_moved = True
            why = "; ".join(self._why(old, grade, student, exercise, had))
            yield Change(student.name, exercise, before, now, why)
        if had and not is_moved and not is_first:
            before, now = had.get("total"), self._sheet.total(student)
            if before is not None and not _is_near(before, now):
                why = "; ".join(self._rules_changed(OF_TOTALS)) or "others of its exercises count"
                yield Change(student.name, None, before, now, why)

    def _is_first(self, grade: Grade, student: Student, exercise: Column) -> bool:
        """Whether a score is there for the first time because it was graded only now."""
        if any(each.kind in FINAL for each in self._rules.about(student, exercise.slug)):
            return False
        return grade.result is None or grade.result.id > self._told.get("results", 0)

    def _why(
        self,
        old: _Told | None,
        grade: Grade | None,
        student: Student,
        exercise: Column,
        had: Mapping[str, Any] | None,
    ) -> Iterator[str]:
        said = list(self._reasons(old or _Told(), grade, student, exercise, had))
        yield from dict.fromkeys(said)
        if said:
            return
        if grade is None:
            yield "nothing is left of it"
        elif grade.is_pending:
            yield "there is no verdict yet"
        else:
            yield "another of the attempts counts"

    def _reasons(
        self,
        old: _Told,
        grade: Grade | None,
        student: Student,
        exercise: Column,
        had: Mapping[str, Any] | None,
    ) -> Iterator[str]:
        for each in self._rules.about(student, exercise.slug):
            yield _decided(each)
        if had is None:
            yield "in the class again"
        team = self._rules.team.get(student.name, "")
        if had and had.get("team", team) != team:
            yield f"in the team {team}" if team else f"in the team {had['team']} no more"
        if grade is None or not grade.is_handed_in:
            return
        result = grade.result
        is_other = result is not None and old.attempt not in (None, result.attempt)
        if is_other:
            yield f"attempt {grade.attempt} counts"
            yield from self._rules_changed(OF_CHOICE)
        if result is not None and not is_other and result.id != old.result:
            is_new = old.result is not None or result.id > self._told.get("results", 0)
            if is_new and not _is_near(old.earned, grade.earned):
                yield f"regraded: {result.why}"
        if old.max_score is not None and old.max_score != grade.max_score:
            yield f"the exercise is worth {grade.max_score}, and was worth {old.max_score}"
        is_late_otherwise = (grade.days_late, grade.is_closed) != (old.days_late, old.is_closed)
        if is_other or is_late_otherwise:
            yield from self._lateness(old, grade, exercise.slug, is_other=is_other)
        if is_other or is_late_otherwise or grade.penalty != old.penalty:
            yield from self._rules_changed(OF_PENALTY)

    def _lateness(self, old: _Told, grade: Grade, slug: str, *, is_other: bool) -> Iterator[str]:
        """Why it is late, or not, or otherwise than before."""
        if self._was is None:
            return
        for name, said in (("deadline", "the deadline"), ("last_day", "the last day")):
            was, now = (rules[f"{name}s"].get(slug, rules[name]) for rules in (self._was, self._is))
            if was != now:
                what = "dropped" if now is None else "set" if was is None else "moved"
                yield f"{said} was {what}"
        yield from self._rules_changed(OF_LATENESS)
        if self._was["extensions"] != self._is["extensions"]:
            yield "the extensions of the course were changed"
        moment = grade.submitted_at.isoformat() if grade.submitted_at else None
        if not is_other and old.submitted_at not in (None, moment):
            yield f"it came at another time, by its date ({grade.dated_by})"

    def _rules_changed(self, names: Sequence[str]) -> Iterator[str]:
        for name in names if self._was else ():
            was, now = self._was[name], self._is[name]  # type: ignore[index]
            if was != now:
                yield f"{name} is {_in_toml(now)}, and was {_in_toml(was)}"


def _is_near(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= NEAR


def _in_toml(value: object) -> str:
    return "not set" if value is None else str(value).lower()


def _decided(each: Decision) -> str:
    return f"{'taken back' if each.is_undone else 'a decision'}: {in_words(each)}"


def write(folder: Path, found: Sequence[Change]) -> None:
    """Write them into a table of their own; an empty one where nothing moved."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["student", "exercise", "before", "now", "why"])
    for each in found:
        row = [each.student, each.title, number(each.before), number(each.now), each.why]
        writer.writerow([cell(text) for text in row])
    put(folder / FILE, file.getvalue())
