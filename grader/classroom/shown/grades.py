"""What a student's attempts come to: the one that counts, what lateness takes off it, and what a
person decided. Every table, page and export has its marks from here: `gradesheet`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from grader.classroom.kept.decisions import Decision, Kind
from grader.classroom.kept.gradebook import (
    BY_CANVAS,
    BY_CANVAS_LATE,
    BY_FILE,
    BY_TABLE,
    CHOICES,
    Attempt,
    Column,
    Gradebook,
    Result,
    Student,
)
from grader.classroom.received import identity
from grader.course.model import Counts, Policy, TeamMarks
from grader.report import Status

DAY = timedelta(days=1)
_SHOWN = 10  # of a long list, in one message
CHANGED = "the exercise has changed"
FINAL = (Kind.SCORE, Kind.EXCUSE)  # the newest of these is what holds


@dataclass(frozen=True)
class Grade:
    """What one student has for one exercise.

    `attempt` of `attempts` counts, from 1; without any, nothing was handed in, and a person decided
    something. `result` is what its newest grading found, None where there is none yet. `days_late`
    are days begun, `penalty` the percentage that they cost, `is_closed`: it came after the last
    day, and counts for nothing. `author` is who of a team handed it in, `max_score` what there is
    to get now. `stale` says why the result is not what grading would find today, "" where it is.
    `decisions` are those that hold, the oldest first. `chosen` says which of several files was
    taken, where there was a choice. `more_time`: until when nothing of theirs is late, where that
    is later than for others, by a decision of a person's (`extended`) or by the course.
    """

    student: str
    exercise: str
    attempt: int = 0
    attempts: int = 0
    submitted_at: datetime | None = None
    days_late: int = 0
    penalty: int = 0
    path: str = ""
    result: Result | None = None
    max_score: int | None = None
    dated_by: str = BY_TABLE
    is_closed: bool = False
    author: str = ""
    stale: str = ""
    decisions: tuple[Decision, ...] = ()
    chosen: str = ""
    more_time: datetime | None = None
    extended: Decision | None = None

    @property
    def is_handed_in(self) -> bool:
        """Whether there is an attempt."""
        return self.attempts > 0

    @property
    def is_graded(self) -> bool:
        """Whether there is a verdict; a fault of the grader's own is none."""
        return self.result is not None and self.result.status is not Status.UNGRADED

    @property
    def raw(self) -> int | None:
        """The score as it was graded; None where there is no verdict."""
        return self.result.score if self.result and self.is_graded else None

    @property
    def points(self) -> Mapping[str, Decision]:
        """By the names of properties, the points that a person gave for them."""
        return {each.property: each for each in self.decisions if each.kind is Kind.POINTS}

    @cached_property
    def earned(self) -> float | None:
        """The raw score with the points that a person gave for properties, out of what there is to
        get now; None where there is no verdict."""
        if self.result is None or self.raw is None:
            return None
        most = self.result.max_score
        earned = self._with_points(self.result) if self.points else float(self.raw)
        if self.max_score is None or self.max_score == most or not most:
            return earned
        return earned * self.max_score / most  # a stale one, out of what there was to get then

    def _with_points(self, result: Result) -> float:
        """What a report would say if some properties had earned what a person gave for them: of
        what all of them are worth, rounded down, as in any report."""
        properties = result.report.properties
        worth = sum(each.max_score for each in properties)
        if not worth:
            return float(result.score)
        earned = 0.0
        for each in properties:
            given = self.points.get(each.name)
            points = each.score if given is None or given.points is None else given.points
            earned += min(max(points, 0.0), each.max_score)
        return float(result.max_score * earned // worth)

    @property
    def automatic(self) -> float | None:
        """What it would be without a person's mark: after lateness; None without a verdict."""
        if self.is_closed:
            return 0.0
        return None if self.earned is None else self.earned * (100 - self.penalty) / 100

    @cached_property
    def _final(self) -> Decision | None:
        return next((each for each in reversed(self.decisions) if each.kind in FINAL), None)

    @property
    def mark(self) -> Decision | None:
        """A person's mark, which is what counts."""
        return found if (found := self._final) and found.kind is Kind.SCORE else None

    @property
    def excuse(self) -> Decision | None:
        """Why the exercise does not count for this student."""
        return found if (found := self._final) and found.kind is Kind.EXCUSE else None

    @property
    def comments(self) -> tuple[Decision, ...]:
        """What a person wrote to it."""
        return tuple(each for each in self.decisions if each.kind is Kind.COMMENT)

    @cached_property
    def score(self) -> float | None:
        """The score that counts, exact to a hundredth; None where there is none: no verdict yet, an
        excuse, or nothing handed in."""
        if self.excuse is not None:
            return None
        return self.automatic if self.mark is None else self.mark.points

    @property
    def is_pending(self) -> bool:
        """Whether there will be a score, but is none yet."""
        return self.is_handed_in and self.score is None and self.excuse is None


@dataclass(frozen=True)
class Gradesheet:
    """The class at a glance: everybody, every exercise, a grade where something was handed in or
    decided. `dropped` are students who are in the class no more.

    `unlisted` are students who are not on the list of the class, `absent` those who have handed in
    nothing at all, `unseen` those who handed in an exercise of the last run that it did not find.
    """

    students: tuple[Student, ...]
    exercises: tuple[Column, ...]
    grades: Mapping[tuple[str, str], Grade]
    policy: Policy = field(default_factory=Policy)
    dropped: tuple[Student, ...] = ()
    unlisted: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()

    def grade(self, student: Student, exercise: Column) -> Grade | None:
        """What that student has for that exercise; None where nothing was handed in or decided."""
        return self.grades.get((student.name, exercise.slug))

    def counted(self, student: Student) -> tuple[Column, ...]:
        """The exercises that count for a student: not those that they are excused from, nor, where
        the course drops some, the ones with the lowest share of their points."""
        columns = [
            column
            for column in self.exercises
            if (grade := self.grade(student, column)) is None or grade.excuse is None
        ]
        if not self.policy.drop_lowest:
            return tuple(columns)

        def share(column: Column) -> tuple[float, int]:
            grade = self.grade(student, column)
            score = (grade and grade.score) or 0.0
            return score / column.max_score if column.max_score else 1.0, -column.max_score

        drop = min(self.policy.drop_lowest, len(columns) - 1)
        lowest = sorted(columns, key=share)[: max(drop, 0)]
        return tuple(column for column in columns if column not in lowest)

    def total(self, student: Student) -> float | None:
        """The sum over what counts, with nothing for what is missing; None while something has no
        verdict."""
        grades = [self.grade(student, exercise) for exercise in self.exercises]
        if any(grade.is_pending for grade in grades if grade):
            return None
        counted = [self.grade(student, exercise) for exercise in self.counted(student)]
        return sum(grade.score or 0.0 for grade in counted if grade)

    def most(self, student: Student) -> int:
        """What there is to get in that sum."""
        return sum(exercise.max_score for exercise in self.counted(student))

    @cached_property
    def shown(self) -> Mapping[str, str]:
        """By name, what a page writes of those whose names look alike: with the id."""
        return identity.shown(self.students)

    @property
    def ungraded(self) -> list[Grade]:
        """Those that a fault of the grader's own kept from a verdict."""
        results = ((grade, grade.result) for grade in self.grades.values())
        return [grade for grade, found in results if found and found.status is Status.UNGRADED]

    @property
    def stale(self) -> list[Grade]:
        """Those whose results are not what grading would find today."""
        return [grade for grade in self.grades.values() if grade.stale]

    def of(self, exercise: Column) -> list[Grade]:
        """Every grade of one exercise that something was handed in for, by student."""
        found = (self.grade(student, exercise) for student in self.students)
        return [grade for grade in found if grade is not None and grade.is_handed_in]

    def scores(self) -> dict[str, dict[str, float | None]]:
        """By name and slug, the scores that count."""
        found: dict[str, dict[str, float | None]] = defaultdict(dict)
        for (name, slug), grade in self.grades.items():
            found[name][slug] = grade.score
        return dict(found)


def gradesheet(gradebook: Gradebook, policy: Policy) -> Gradesheet:
    """What everybody has now, by the rules of the course and with what persons decided."""
    everybody = identity.settled(gradebook.students())
    columns = gradebook.exercises()
    attempts = gradebook.attempts()
    results = gradebook.latest()
    runs = gradebook.runs()
    rules = Rules(policy, everybody, gradebook.decisions.valid())
    own: dict[tuple[str, str], list[Attempt]] = defaultdict(list)
    for attempt in attempts:  # in order of time
        own[attempt.student, attempt.exercise].append(attempt)
    engine = runs[-1].engine if runs else ""
    choices = {run.id: run.options.get(CHOICES, {}) for run in runs}
    grades = {}
    for student in everybody:
        if student.is_dropped:
            continue
        for column in columns:
            theirs = rules.attempts(student, column.slug, own)
            decisions = rules.decisions(student, column.slug)
            more_time, extended = rules.more_time(student, column.slug)
            if theirs:
                grade = chosen(theirs, results, policy, more_time)
                stale = stale_because(grade.result, column, engine)
                author = grade.author if grade.author != student.name else ""
                counted = theirs[grade.attempt - 1]
                taken = choices.get(counted.seen, {}).get(str(counted.id), "")
                grade = replace(grade, stale=stale, author=author, chosen=taken)
            elif decisions or more_time:
                grade = Grade(student.name, column.slug)
            else:
                continue
            grades[student.name, column.slug] = replace(
                grade,
                student=student.name,
                max_score=column.max_score,
                decisions=decisions,
                more_time=more_time,
                extended=extended,
            )
    present = tuple(student for student in everybody if not student.is_dropped)
    # Whom a list of the class does not have, and no run has met since, is not on it either.
    has_list = any(each.is_listed for each in present)
    handed_in = {name for (name, _), grade in grades.items() if grade.is_handed_in}
    return Gradesheet(
        students=present,
        exercises=tuple(columns),
        grades=grades,
        policy=policy,
        dropped=tuple(student for student in everybody if student.is_dropped),
        unlisted=tuple(each.name for each in present if has_list and not each.is_listed),
        absent=tuple(each.name for each in present if each.name not in handed_in),
        unseen=_unseen(present, attempts, runs[-1].id if runs else 0),
    )


def _unseen(students: Sequence[Student], attempts: Sequence[Attempt], run: int) -> tuple[str, ...]:
    """Who handed in an exercise of that run before, and nothing was found of them in it."""
    found = {(each.student, each.exercise) for each in attempts if each.seen == run}
    asked = {exercise for _, exercise in found}
    seen = {student for student, _ in found}
    before = {each.student for each in attempts if each.exercise in asked}
    return tuple(each.name for each in students if each.name in before - seen)


class Rules:
    """Of whom and of what the rules of a course and the decisions of persons speak."""

    def __init__(
        self, policy: Policy, students: Iterable[Student], decisions: Sequence[Decision]
    ) -> None:
        self._policy = policy
        self._decisions = decisions
        self._students = {student.name: student for student in students}
        self._written = {name: identity.written(each) for name, each in self._students.items()}
        self._in_team = {
            identity.fold(name): team for team, names in policy.teams.items() for name in names
        }
        self.team = {name: self._team_of(each) for name, each in self._students.items()}
        self.teams: dict[str, list[str]] = defaultdict(list)
        for name, team in self.team.items():
            if team and not self._students[name].is_dropped:
                self.teams[team].append(name)

    def _team_of(self, student: Student) -> str:
        found = [self._in_team[name] for name in self._written[student.name] & self._in_team.keys()]
        return min(found) if found else student.team

    def attempts(
        self, student: Student, slug: str, own: Mapping[tuple[str, str], Sequence[Attempt]]
    ) -> list[Attempt]:
        """What a student or somebody of their team handed in, in order of time; before it, what
        nobody dates."""
        names = self.teams.get(self.team.get(student.name, ""), [student.name])
        found = [attempt for name in names for attempt in own.get((name, slug), ())]
        return sorted(found, key=self._place)

    def _place(self, attempt: Attempt) -> tuple[object, ...]:
        """A moment that may not decide about a mark does not say which came last either."""
        if is_vouched_for(attempt, self._policy):
            return True, attempt.submitted_at, attempt.number, attempt.id
        return False, attempt.number, attempt.id

    def decisions(self, student: Student, slug: str) -> tuple[Decision, ...]:
        """What persons decided of a student's exercise: of them, of their team, or, where a team
        shares its marks, of somebody in it. An excuse is one person's."""
        team = self.team.get(student.name, "")
        return tuple(
            each
            for each in self._decisions
            if each.exercise in (slug, "")
            and each.kind is not Kind.EXTENSION
            and self._is_about(each, student.name, team)
        )

    def about(self, student: Student, slug: str) -> list[Decision]:
        """All decisions on a student's exercise, more time among them."""
        team = self.team.get(student.name, "")
        return [
            each
            for each in self._decisions
            if each.exercise in (slug, "") and self._is_about(each, student.name, team)
        ]

    def _is_about(self, decision: Decision, name: str, team: str) -> bool:
        if decision.student == name or (team and decision.team == team):
            return True
        is_shared = self._policy.team_marks is TeamMarks.SHARED
        if not (team and is_shared and decision.kind is not Kind.EXCUSE):
            return False
        return bool(decision.student) and self.team.get(decision.student) == team

    def extension(self, student: Student, slug: str) -> datetime | None:
        """Until when a student has time, where somebody gave them more than the others have."""
        return self.more_time(student, slug)[0]

    def more_time(self, student: Student, slug: str) -> tuple[datetime | None, Decision | None]:
        """The same, and the decision that says so; None where the course does, or nobody."""
        team = self.team.get(student.name, "")
        found: list[tuple[datetime, Decision | None]] = [
            (each.until, each)
            for each in self._decisions
            if each.kind is Kind.EXTENSION
            and each.until is not None
            and each.exercise in (slug, "")
            and self._is_about(each, student.name, team)
        ]
        names = self._written.get(student.name, frozenset())
        for each in self._policy.extensions:
            is_theirs = (
                (each.student and identity.fold(each.student) in names)
                or (each.team and each.team == team)
                or (each.section and each.section == student.details.get("section"))
            )
            if is_theirs and each.exercise in (slug, ""):
                found.append((each.until, None))
        return max(found, key=lambda pair: pair[0], default=(None, None))

    @property
    def strangers(self) -> list[str]:
        """Whom the course's policy names, and nobody of these is."""
        teams = {*self._policy.teams, *self.team.values()}
        sections = {student.details.get("section", "") for student in self._students.values()}
        known = frozenset().union(*self._written.values())
        found = {
            f"{name} (team {team})": None
            for team, names in self._policy.teams.items()
            for name in names
            if identity.fold(name) not in known
        }
        for each in self._policy.extensions:
            if each.student and identity.fold(each.student) not in known:
                found[f"{each.student} (extension)"] = None
            if each.team and each.team not in teams:
                found[f"the team {each.team} (extension)"] = None
            if each.section and each.section not in sections:
                found[f"the section {each.section} (extension)"] = None
        return list(found)

    @property
    def notes(self) -> list[str]:
        """What a teacher should know of the course's policy before it decides about marks."""
        strangers = self.strangers
        if not strangers:
            return []
        more = f" and {len(strangers) - _SHOWN} more" if len(strangers) > _SHOWN else ""
        shown = ", ".join(strangers[:_SHOWN]) + more
        what = f"[policy] of course.toml names whom this class does not have: {shown}."
        return [f"{what} Write an id, or a name as gradebook.csv has it."]


def chosen(
    attempts: Sequence[Attempt],
    results: Mapping[int, Result],
    policy: Policy,
    extension: datetime | None = None,
) -> Grade:
    """Of one student's attempts at one exercise, at least one and in order of time, what counts."""
    grades = [
        _grade(number, attempt, len(attempts), results.get(attempt.id), policy, extension)
        for number, attempt in enumerate(attempts, 1)
    ]
    allowed = allowed_of(attempts, policy, extension)
    pairs = [pair for pair in zip(attempts, grades, strict=True) if pair[0] in allowed]
    if policy.counts is Counts.BEST:
        # Of equals the first; what has no verdict yet is no rival.
        return max(pairs, key=lambda pair: -1.0 if (s := pair[1].automatic) is None else s)[1]
    # Found last, then handed in last: who goes back to an earlier file has handed that in again.
    return max(pairs, key=lambda pair: (pair[0].seen, pair[1].attempt))[1]


def allowed_of(
    attempts: Sequence[Attempt], policy: Policy, extension: datetime | None = None
) -> list[Attempt]:
    """Those of a student's attempts at one exercise that may count; where all came after the last
    day, the last one stands for them."""
    vouched_for = [each for each in attempts if is_vouched_for(each, policy)]
    others = [each for each in attempts if not is_vouched_for(each, policy)]
    first = [*vouched_for, *others][: policy.max_attempts]
    first.sort(key=attempts.index)
    in_time = [each for each in first if not is_closed(each, policy, extension)]
    return in_time or first[-1:]


def _grade(
    number: int,
    attempt: Attempt,
    attempts: int,
    result: Result | None,
    policy: Policy,
    extension: datetime | None,
) -> Grade:
    days = days_late(attempt, policy, extension)
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
        dated_by=attempt.dated_by,
        is_closed=is_closed(attempt, policy, extension),
        author=attempt.student,
    )


def is_vouched_for(attempt: Attempt, policy: Policy) -> bool:
    """Whether its moment may decide about a mark: a file's own date may not, unless the course says
    that it may."""
    if attempt.dated_by in (BY_CANVAS, BY_CANVAS_LATE):
        return False
    return policy.file_dates or attempt.dated_by != BY_FILE


def days_late(attempt: Attempt, policy: Policy, extension: datetime | None = None) -> int:
    """How many days after the deadline have begun; 0 in time, within the grace, and where nobody
    vouches for the moment. What Canvas calls late, without saying by how much, is late by one."""
    if attempt.dated_by == BY_CANVAS_LATE and extension is None:
        return 1
    deadline = policy.deadline_of(attempt.exercise)
    if deadline is None or not is_vouched_for(attempt, policy):
        return 0
    deadline = max(filter(None, (deadline, extension)))
    if attempt.submitted_at - deadline <= timedelta(minutes=policy.grace_minutes):
        return 0
    return -((deadline - attempt.submitted_at) // DAY)


def is_closed(attempt: Attempt, policy: Policy, extension: datetime | None = None) -> bool:
    """Whether it came after the last day on which the exercise was taken."""
    last = policy.last_day_of(attempt.exercise)
    if last is None or not is_vouched_for(attempt, policy):
        return False
    return attempt.submitted_at > max(filter(None, (last, extension)))


def stale_because(result: Result | None, column: Column, engine: str) -> str:
    """Why a result is not what grading would find today; "" where it is, as far as one can know."""
    if result is None:
        return ""
    if result.status is Status.FAILED and not result.content.get("properties", True):
        return ""  # it could not be read, whatever the course
    if column.sha256 and result.exercise_sha256 != column.sha256:
        return CHANGED
    if engine and result.engine != engine:
        return f"graded by {result.engine}, not {engine}"
    return ""
