"""What the grades of a class say of the class, and of the properties it was graded by.

Pure functions of a grade sheet; the pages of a class show what they find.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property
from itertools import groupby
from math import log
from statistics import StatisticsError, correlation, fmean, median

from grader import language
from grader.classroom.kept.gradebook import Column, Student
from grader.classroom.shown.alike import Alike
from grader.classroom.shown.grades import Gradesheet
from grader.report import PropertyResult, PropertyStatus, Report, Status, Timing, TimingVerdict

FEWEST = 10  # students, below which a correlation or an outlier is chance
FAR = 3.5  # modified z-scores
TIMES = 2.0  # as slow as the median: what is less is nobody's business, however alike the rest
TIMES_GRADED = 5.0  # the same of the seconds of grading, which other programs disturb
# How a report says in English that the worker is no more: see grader.judge.processes.workers.
LOST = re.compile(
    r"Your code (?:ended|killed|crashed|used up|did not come back|printed more|wrote|disturbed"
    r"|was not graded)|The grader's helper process was killed"
)


@dataclass(frozen=True)
class Item:
    """A property of an exercise, as item analysis speaks of a question."""

    exercise: Column
    name: str
    title: str
    max_score: int


@dataclass(frozen=True)
class ItemStatistics:
    """How a class did on an item.

    `difficulty` is the share of its points that those earned who reached it, from 0 (nobody) to 1;
    `discrimination` how well it separates strong from weak, from -1 to 1; see the functions of
    these names. None where too few reached it to say.
    """

    item: Item
    counts: Mapping[PropertyStatus, int]
    difficulty: float | None
    discrimination: float | None

    @property
    def reached(self) -> int:
        """How many were tried on it: neither is it theirs to wait, nor a fault of the grader's."""
        return sum(self.counts.get(status, 0) for status in TRIED)


WRONG = (PropertyStatus.FAILED, PropertyStatus.ERROR)
TRIED = (PropertyStatus.PASSED, *WRONG)


@dataclass(frozen=True)
class Held:
    """A misconception, and who holds it; `share` is of those who have a verdict on the exercise."""

    exercise: Column
    name: str
    explanation: str
    students: tuple[str, ...]
    share: float


class Concern(Enum):
    """Why a person should look at an answer."""

    UNGRADED = "ungraded"
    UNREAD = "unread"
    REJECTED = "rejected"
    CHOSEN = "chosen"
    REVIEW = "review"
    LOST = "lost"
    SAME = "same"
    SIMILAR = "similar"
    SLOW = "slow"


@dataclass(frozen=True)
class Stuck:
    """A property that answers fail first of all, of those that nobody can name the mistake of."""

    item: Item
    students: tuple[str, ...]
    share: float  # of who has a verdict on the exercise


@dataclass(frozen=True)
class Behind:
    """Who has nothing for exercises that at least half of the class has handed in."""

    student: str
    missing: tuple[Column, ...]


@dataclass(frozen=True)
class Lookout:
    """Answers to look at: whose, to which exercises, and what there is to see."""

    concern: Concern
    students: tuple[str, ...]
    exercises: tuple[Column, ...]
    what: str


def difficulty(scores: Sequence[float]) -> float | None:
    """The item's difficulty index p: the mean of `scores`, each the share of its points earned.

    High where the item is easy. See Crocker and Algina, Introduction to Classical and Modern Test
    Theory (1986), chapter 14. None without scores.
    """
    return fmean(scores) if scores else None


def discrimination(scores: Sequence[float], rests: Sequence[float]) -> float | None:
    """The corrected point-biserial correlation of an item.

    `scores` is what each student earned on it, `rests` what the same student earned on everything
    else: with the item left in the total it would correlate with itself. See Henrysson, Correction
    of item-total correlations in item analysis, Psychometrika 28 (1963), 211-218. None where
    there are fewer than ten students, or one of both is the same for all.
    """
    if len(scores) < FEWEST:
        return None
    try:
        return correlation(scores, rests)
    except StatisticsError:
        return None


def is_outlying(values: Sequence[float]) -> list[bool]:
    """Which values are far above the rest: their modified z-score is over 3.5.

    That is the distance from the median, by the median of all such distances, times 0.6745; where
    half of the values are equal, by their mean, times 0.7979. See Iglewicz and Hoaglin, How to
    Detect and Handle Outliers (1993). Nothing is far from fewer than ten values.
    """
    if len(values) < FEWEST:
        return [False] * len(values)
    middle = median(values)
    distances = [abs(value - middle) for value in values]
    spread = median(distances) / 0.6745 or fmean(distances) / 0.7979
    return [value - middle > FAR * spread for value in values]


def is_lost(message: str) -> bool:
    """Whether a report's message says that the submission's process crashed, hung or flooded.

    Known in every language that there is a catalogue of.
    """
    return any(pattern.match(message) for pattern in _lost())


@cache
def _lost() -> tuple[re.Pattern[str], ...]:
    patterns = [LOST]
    for name in language.available():
        for english, sentence in language.catalogue(name).items():
            if LOST.match(english):
                fixed = re.split(r"\{\w+\}", sentence)
                patterns.append(re.compile(".*".join(map(re.escape, fixed)), re.DOTALL))
    return tuple(patterns)


class Analysis:
    """What there is to know of a class."""

    def __init__(self, sheet: Gradesheet, alike: Sequence[Alike] = ()) -> None:
        """`alike` are pairs of answers that were found to share much."""
        self.sheet = sheet
        self.alike = alike
        self._reports = {
            place: grade.result.report for place, grade in sheet.grades.items() if grade.result
        }

    def report(self, student: Student, exercise: Column) -> Report | None:
        """The report that counts; None where there is none yet."""
        return self._reports.get((student.name, exercise.slug))

    def of(self, exercise: Column) -> Sequence[tuple[str, Report]]:
        """Whose answers to an exercise have a verdict, and the reports."""
        return self._verdicts[exercise.slug]

    @cached_property
    def _verdicts(self) -> Mapping[str, Sequence[tuple[str, Report]]]:
        """What `of` gives, by the exercise's slug."""
        students = self.sheet.students
        return {
            exercise.slug: [
                (student.name, it)
                for student in students
                if (it := self.report(student, exercise)) and it.status is not Status.UNGRADED
            ]
            for exercise in self.sheet.exercises
        }

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every property that anybody was graded by, in the order of the course."""
        items: dict[tuple[str, str], Item] = {}
        for exercise in self.sheet.exercises:
            for _, report in self.of(exercise):
                for result in report.properties:
                    place = exercise.slug, result.name
                    item = Item(exercise, result.name, result.title, result.max_score)
                    items.setdefault(place, item)
        return tuple(items.values())

    @cached_property
    def results(self) -> Mapping[tuple[str, str], Mapping[str, PropertyResult]]:
        """By student and slug, the results by the name of the property."""
        return {
            place: {result.name: result for result in report.properties}
            for place, report in self._reports.items()
        }

    @cached_property
    def statistics(self) -> tuple[ItemStatistics, ...]:
        """How the class did on each of `items`."""
        totals: Counter[str] = Counter()
        for (student, _), results in self.results.items():
            totals[student] += sum(result.score for result in results.values())
        return tuple(self._statistics(item, totals) for item in self.items)

    def _statistics(self, item: Item, totals: Mapping[str, int]) -> ItemStatistics:
        found = [
            (name, self.results[name, item.exercise.slug][item.name])
            for name, _ in self.of(item.exercise)
            if item.name in self.results[name, item.exercise.slug]
        ]
        tried = [(name, result) for name, result in found if result.status in TRIED]
        # What is worth no points is passed or not.
        scores = [
            result.score / result.max_score
            if result.max_score
            else float(result.status is PropertyStatus.PASSED)
            for _, result in tried
        ]
        rests = [float(totals[name] - result.score) for name, result in tried]
        return ItemStatistics(
            item=item,
            counts=Counter(result.status for _, result in found),
            difficulty=difficulty(scores),
            discrimination=discrimination(scores, rests),
        )

    @cached_property
    def misconceptions(self) -> tuple[Held, ...]:
        """What the class holds, the most common first."""
        held = []
        for exercise in self.sheet.exercises:
            graded = self.of(exercise)
            who: dict[str, list[str]] = {}
            said = {}
            for name, report in graded:
                if report.misconception:
                    who.setdefault(report.misconception.name, []).append(name)
                    said[report.misconception.name] = report.misconception.explanation
            for kind, names in who.items():
                held.append(
                    Held(exercise, kind, said[kind], tuple(names), len(names) / len(graded))
                )
        return tuple(sorted(held, key=lambda each: -len(each.students)))

    @cached_property
    def stuck(self) -> tuple[Stuck, ...]:
        """Answers that are wrong and agree with no misconception, by the property that each fails
        first; the most common first."""
        items = {(item.exercise.slug, item.name): item for item in self.items}
        found = []
        for exercise in self.sheet.exercises:
            graded = self.of(exercise)
            who: dict[str, list[str]] = {}
            for name, report in graded:
                first = next((r.name for r in report.properties if r.status in WRONG), None)
                if first is not None and report.misconception is None:
                    who.setdefault(first, []).append(name)
            for first, names in who.items():
                item = items[exercise.slug, first]
                found.append(Stuck(item, tuple(names), len(names) / len(graded)))
        return tuple(sorted(found, key=lambda each: -len(each.students)))

    @cached_property
    def behind(self) -> tuple[Behind, ...]:
        """Who lacks what at least half of the class has handed in, who lacks most first. An
        untouched stub is nothing; what a person has excused or given a mark for is not lacking."""
        sheet = self.sheet
        common = [
            exercise
            for exercise in sheet.exercises
            if 2 * sum(self._is_handed_in(each, exercise) for each in sheet.students)
            >= max(len(sheet.students), 1)
        ]
        found = []
        for student in sheet.students:
            missing = tuple(
                exercise
                for exercise in common
                if not self._is_handed_in(student, exercise)
                and not ((grade := sheet.grade(student, exercise)) and (grade.excuse or grade.mark))
            )
            if missing:
                found.append(Behind(student.name, missing))
        return tuple(sorted(found, key=lambda each: -len(each.missing)))

    def _is_handed_in(self, student: Student, exercise: Column) -> bool:
        grade = self.sheet.grade(student, exercise)
        report = self.report(student, exercise)
        return bool(grade and grade.is_handed_in) and not (report and report.status is UNTOUCHED)

    def timings(self, exercise: Column) -> list[tuple[str, Timing]]:
        """Whose answers were timed, and what the clock said."""
        return [(name, report.timing) for name, report in self.of(exercise) if report.timing]

    @cached_property
    def lookouts(self) -> tuple[Lookout, ...]:
        """What a person should look at, the most pressing first."""
        found: list[Lookout] = []
        for exercise in self.sheet.exercises:
            found += self._ungraded(exercise)
            found += self._refused(exercise)
            found += self._chosen(exercise)
            found += self._reviewed(exercise)
            found += self._lost(exercise)
            found += self._slow(exercise)
        order = list(Concern)
        found += self._same()
        found += self._similar()
        return tuple(sorted(found, key=lambda each: order.index(each.concern)))

    def _ungraded(self, exercise: Column) -> Iterable[Lookout]:
        for grade in self.sheet.of(exercise):
            report = self._reports.get((grade.student, exercise.slug))
            if report and report.status is Status.UNGRADED:
                reason = report.reason or ""
                yield Lookout(Concern.UNGRADED, (grade.student,), (exercise,), reason)

    def _refused(self, exercise: Column) -> Iterable[Lookout]:
        """What was not tried at all: it cannot be read or does not load, or it is not allowed."""
        for name, report in self.of(exercise):
            said = report.reason or ""
            if report.status is Status.REJECTED:
                yield Lookout(Concern.REJECTED, (name,), (exercise,), said)
            elif report.status is Status.FAILED and not report.properties and not is_lost(said):
                yield Lookout(Concern.UNREAD, (name,), (exercise,), said)

    def _chosen(self, exercise: Column) -> Iterable[Lookout]:
        for grade in self.sheet.of(exercise):
            if grade.chosen:
                yield Lookout(Concern.CHOSEN, (grade.student,), (exercise,), grade.chosen)

    def _similar(self) -> Iterable[Lookout]:
        columns = {each.slug: each for each in self.sheet.exercises}
        for pair in sorted(self.alike, key=lambda each: -each.share):
            if pair.exercise in columns:
                what = f"{pair.share:.0%} shared"
                where = (columns[pair.exercise],)
                yield Lookout(Concern.SIMILAR, pair.students, where, what)

    def _reviewed(self, exercise: Column) -> Iterable[Lookout]:
        for name, timing in self.timings(exercise):
            if timing.verdict is TimingVerdict.REVIEW:
                yield Lookout(Concern.REVIEW, (name,), (exercise,), timing.reason or "")

    def _lost(self, exercise: Column) -> Iterable[Lookout]:
        for name, report in self.of(exercise):
            errors = (
                result.message
                for result in report.properties
                if result.status is PropertyStatus.ERROR
            )
            for said in (report.reason, *errors):
                if said and is_lost(said):
                    yield Lookout(Concern.LOST, (name,), (exercise,), said)
                    break

    def _slow(self, exercise: Column) -> Iterable[Lookout]:
        timed = [
            (name, timing.vs_reference.ratio)
            for name, timing in self.timings(exercise)
            if timing.vs_reference and timing.vs_reference.ratio > 0
        ]
        if timed:
            text = "{:.1f} times the reference's time; the median is {:.1f}."
            yield from _far_above(exercise, timed, TIMES, text)
        else:
            graded = [(name, it.seconds) for name, it in self.of(exercise) if it.seconds > 0]
            text = "{:.1f} s to grade it; the median is {:.1f} s."
            yield from _far_above(exercise, graded, TIMES_GRADED, text)

    def _same(self) -> Iterable[Lookout]:
        """Files that are equal to the byte; one set of students once, for all its exercises."""
        shared: dict[tuple[str, ...], list[Column]] = {}
        for exercise in self.sheet.exercises:
            # What a team handed in together is the one's who did.
            others = {g.student for g in self.sheet.of(exercise) if g.author}
            reports = [
                pair
                for pair in self.of(exercise)
                if pair[1].status is not UNTOUCHED and pair[0] not in others
            ]
            reports.sort(key=lambda pair: pair[1].sha256)
            for _, same in groupby(reports, key=lambda pair: pair[1].sha256):
                names = tuple(name for name, _ in same)
                if len(names) > 1:
                    shared.setdefault(names, []).append(exercise)
        for names, exercises in shared.items():
            yield Lookout(Concern.SAME, names, tuple(exercises), "")


UNTOUCHED = Status.NOT_STARTED  # every stub is like every other


def _far_above(
    exercise: Column, timed: Sequence[tuple[str, float]], times: float, text: str
) -> Iterable[Lookout]:
    """Who is far above the rest on a scale of ratios, and `times` the median at least."""
    values = [value for _, value in timed]
    for (name, value), far in zip(timed, is_outlying([log(v) for v in values]), strict=True):
        middle = median(values)
        if far and value > times * middle:
            yield Lookout(Concern.SLOW, (name,), (exercise,), text.format(value, middle))
