"""What a student's attempts come to: the one that counts, and what lateness takes off it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby

from grader.classroom.kept.gradebook import Attempt, Column, Gradebook, Result, Student
from grader.classroom.received import identity
from grader.course.model import Counts, Policy
from grader.report import Status

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Grade:
    """What one student has for one exercise.

    `attempt` of `attempts` counts, from 1; `result` is what its newest grading found, None where
    there is none yet. `days_late` are days begun, `penalty` the percentage that they cost.
    """

    student: str
    exercise: str
    attempt: int
    attempts: int
    submitted_at: datetime
    days_late: int
    penalty: int
    path: str
    result: Result | None

    @property
    def is_graded(self) -> bool:
        """Whether there is a verdict; a fault of the grader's own is none."""
        return self.result is not None and self.result.status is not Status.UNGRADED

    @property
    def raw(self) -> int | None:
        """The score as it was graded; None where there is no verdict."""
        return self.result.score if self.result and self.is_graded else None

    @property
    def score(self) -> float | None:
        """The score that counts, exact to a hundredth; None where there is no verdict."""
        return None if self.raw is None else self.raw * (100 - self.penalty) / 100


@dataclass(frozen=True)
class Gradesheet:
    """The class at a glance: everybody, every exercise, a grade where something was handed in."""

    students: tuple[Student, ...]
    exercises: tuple[Column, ...]
    grades: Mapping[tuple[str, str], Grade]

    def grade(self, student: Student, exercise: Column) -> Grade | None:
        """What that student has for that exercise; None where nothing was handed in."""
        return self.grades.get((student.name, exercise.slug))

    def total(self, student: Student) -> float | None:
        """The sum, with nothing for what is missing; None while something has no verdict."""
        grades = [self.grade(student, exercise) for exercise in self.exercises]
        scores = [0.0 if grade is None else grade.score for grade in grades]
        given = [score for score in scores if score is not None]
        return sum(given) if len(given) == len(scores) else None

    @cached_property
    def shown(self) -> Mapping[str, str]:
        """By name, what a page writes of those whose names look alike: with the id."""
        return identity.shown(self.students)

    @property
    def ungraded(self) -> list[Grade]:
        """Those that a fault of the grader's own kept from a verdict."""
        results = ((grade, grade.result) for grade in self.grades.values())
        return [grade for grade, found in results if found and found.status is Status.UNGRADED]

    def of(self, exercise: Column) -> list[Grade]:
        """Every grade of one exercise, by student."""
        found = (self.grade(student, exercise) for student in self.students)
        return [grade for grade in found if grade is not None]


def gradesheet(gradebook: Gradebook, policy: Policy) -> Gradesheet:
    """What everybody has now, by the rules of the course."""
    results = gradebook.latest()

    def owner(attempt: Attempt) -> tuple[str, str]:
        return attempt.student, attempt.exercise

    attempts = sorted(gradebook.attempts(), key=owner)  # stable: in order of time for each
    return Gradesheet(
        students=tuple(gradebook.students()),
        exercises=tuple(gradebook.exercises()),
        grades={key: chosen(list(own), results, policy) for key, own in groupby(attempts, owner)},
    )


def chosen(attempts: Sequence[Attempt], results: Mapping[int, Result], policy: Policy) -> Grade:
    """Of one student's attempts at one exercise, at least one and in order of time, what counts."""
    grades = [
        _grade(number, attempt, len(attempts), results.get(attempt.id), policy)
        for number, attempt in enumerate(attempts, 1)
    ]
    allowed = list(zip(attempts, grades, strict=True))[: policy.max_attempts]
    if policy.counts is Counts.BEST:
        # Of equals the first; what has no verdict yet is no rival.
        return max(allowed, key=lambda pair: -1.0 if (s := pair[1].score) is None else s)[1]
    # Found last, then handed in last: who goes back to an earlier file has handed that in again.
    return max(allowed, key=lambda pair: (pair[0].seen, pair[1].attempt))[1]


def _grade(
    number: int, attempt: Attempt, attempts: int, result: Result | None, policy: Policy
) -> Grade:
    days = days_late(attempt.submitted_at, attempt.exercise, policy)
    return Grade(
        student=attempt.student,
        exercise=attempt.exercise,
        attempt=number,
        attempts=attempts,
        submitted_at=attempt.submitted_at,
        days_late=days,
        penalty=min(days * policy.late_penalty, policy.late_penalty_most),
        path=attempt.path,
        result=result,
    )


def days_late(submitted_at: datetime, exercise: str, policy: Policy) -> int:
    """How many days after the deadline have begun; 0 in time, and within the grace."""
    deadline = policy.deadline_of(exercise)
    if deadline is None or submitted_at - deadline <= timedelta(minutes=policy.grace_minutes):
        return 0
    return -((deadline - submitted_at) // DAY)
