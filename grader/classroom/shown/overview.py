"""What the page of a class shows, made ready for its template."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import ceil, log2
from statistics import fmean, median
from typing import Any

from grader.classroom.kept.gradebook import Column, Student
from grader.classroom.shown.analysis import (
    FEWEST,
    Analysis,
    Concern,
    Held,
    ItemStatistics,
    Stuck,
)
from grader.classroom.shown.grades import Grade, Gradesheet
from grader.classroom.shown.lanes import KINDS, Lanes, paths
from grader.classroom.shown.sheets import number
from grader.report import PropertyStatus, Status, Timing, TimingVerdict

BINS = 10  # of scores, and one more for full marks
PER_OCTAVE = 4  # bins of times
LINED = 7  # pixels: the height of a row from which a line is left between rows
FINE = 120  # cells in a row, above which no gap is drawn between them
PICTURE, TALLEST, LOWEST = 560, 14, 1  # pixels: of the heatmap, and of a row in it
FIRST = 10  # of a long list, what is shown before one asks for more
WELL, FAIRLY = 0.4, 0.2  # Ebel, Essentials of Educational Measurement (1972), chapter 14
LONG = (  # what of a long list, or of its table's rows, is left out
    ".long:has(.more input:not(:checked)) > li:nth-child(n + {beyond}):not(.more),"
    " .long:has(.more input:not(:checked)) tbody tr:nth-child(n + {beyond}) {{ display: none; }}\n"
)
# As they stand in a bar.
ENDS = (
    PropertyStatus.PASSED,
    PropertyStatus.FAILED,
    PropertyStatus.ERROR,
    PropertyStatus.SKIPPED,
    PropertyStatus.BROKEN,
)
CONCERNS = {
    Concern.UNGRADED: (
        "No verdict",
        "The grader itself was at fault. Grade it again.",
    ),
    Concern.UNREAD: (
        "Could not be read",
        "No file that can be read, or one that does not load: nothing was tried, and no points.",
    ),
    Concern.REJECTED: ("Rejected", "The answer uses what the exercise does not allow."),
    Concern.CHOSEN: (
        "One of several files",
        "More than one answers the exercise. Is it the right one that is graded?",
    ),
    Concern.REVIEW: ("Too fast to be believed", "The clock does not vouch for these times."),
    Concern.LOST: (
        "Crashed, hung or flooded",
        "The code ended its own process, did not come back, or printed without end.",
    ),
    Concern.SAME: (
        "The same file",
        "Equal to the byte. Pairs may have been allowed; an untouched stub is not listed.",
    ),
    Concern.SIMILAR: (
        "Much alike",
        "More in common than the exercise explains: a place to look, not a verdict.",
    ),
    Concern.SLOW: (
        "Far slower than the rest",
        "By more than 3.5 modified z-scores, in logarithms.",
    ),
}


def style(analysis: Analysis) -> str:
    """The rules that depend on the class: the widths of the lanes, and the heatmap's height."""
    columns = " minmax(0, 1fr) ".join(
        f"minmax(0, {max(len(lane.items), 1)}fr)" for lane in Lanes(analysis).all
    )
    students = len(analysis.sheet.students)
    return (
        f".class-page {{ --columns: {columns or 'auto'}; }}\n"
        f".class-page .heatmap {{ height: {_row_height(analysis) * students}px; }}\n"
        + LONG.format(beyond=FIRST + 1)
    )


def _row_height(analysis: Analysis) -> int:
    return max(LOWEST, min(TALLEST, PICTURE // max(len(analysis.sheet.students), 1)))


def view(analysis: Analysis, hrefs: Mapping[str, str]) -> dict[str, Any]:
    """The values of the template; `hrefs` is where each student's page is."""
    sheet = analysis.sheet
    lanes = Lanes(analysis)
    ranked = sorted(sheet.students, key=lambda student: (-_earned(sheet, student), student.name))
    ranks = {student.name: rank for rank, student in enumerate(ranked)}
    return {
        "when": datetime.now(UTC),
        "sheet": sheet,
        "hrefs": hrefs,
        "most": sum(exercise.max_score for exercise in sheet.exercises),
        "totals": _totals(sheet),
        "handed_in": sum(grade.is_handed_in for grade in sheet.grades.values()),
        "pending": sum(g.is_handed_in and g.result is None for g in sheet.grades.values()),
        "stale": len(sheet.stale),
        "people": _people(sheet),
        "graded": [_exercise(analysis, exercise) for exercise in sheet.exercises],
        "misconceptions": analysis.misconceptions,
        "stuck": analysis.stuck,
        "behind": analysis.behind,
        "holders": len({name for held in analysis.misconceptions for name in held.students}),
        "lanes": lanes,
        "kinds": KINDS,
        "heatmap": paths([lanes.row(student) for student in ranked]),
        "has_gaps": bool(lanes.all) and lanes.width <= FINE,
        "has_lines": _row_height(analysis) >= LINED,
        "items": [_item(each) for each in _hardest_first(analysis.statistics)],
        "timings": _timings(analysis),
        "lookouts": _lookouts(analysis),
        "first": FIRST,
        "fewest": FEWEST,
        "rows": _rows(analysis, lanes, ranks),
    }


def _earned(sheet: Gradesheet, student: Student) -> float:
    """The sum so far, whether or not there is a total yet."""
    grades = [sheet.grade(student, exercise) for exercise in sheet.exercises]
    return sum(grade.score or 0.0 for grade in grades if grade)


def _people(sheet: Gradesheet) -> list[dict[str, Any]]:
    """Who is not where a teacher would expect them."""
    groups = {
        "Not on the list of the class": sheet.unlisted,
        "Without any hand-in": sheet.absent,
        "Handed in before, and not found in the last run": sheet.unseen,
        "Dropped from the class": tuple(student.name for student in sheet.dropped),
    }
    return [{"name": name, "students": names} for name, names in groups.items() if names]


def _totals(sheet: Gradesheet) -> dict[str, Any]:
    """The totals of those who have one."""
    totals = [total for each in sheet.students if (total := sheet.total(each)) is not None]
    return _spread(totals, sum(exercise.max_score for exercise in sheet.exercises))


def _spread(scores: Sequence[float], most: float) -> dict[str, Any]:
    """Mean, median, and how many scores are in each tenth; full marks have a bin of their own."""
    bins = Counter(min(int(BINS * score / most), BINS) if most else BINS for score in scores)
    return {
        "count": len(scores),
        "mean": number(round(fmean(scores), 1)) if scores else "",
        "median": number(median(scores)) if scores else "",
        "bars": _bars([bins[place] for place in range(BINS + 1)]),
    }


def _bars(counts: Sequence[int]) -> list[dict[str, float]]:
    """The columns of a histogram, in percent of its width and height."""
    width = 100 / max(len(counts), 1)
    top = max(counts, default=0) or 1
    return [
        {"x": round(place * width, 2), "height": round(100 * count / top, 1), "count": count}
        for place, count in enumerate(counts)
    ]


def _exercise(analysis: Analysis, exercise: Column) -> dict[str, Any]:
    """How the class did on one exercise."""
    sheet = analysis.sheet
    grades = sheet.of(exercise)
    statuses = Counter(grade.result.status if grade.result else Status.UNGRADED for grade in grades)
    scores = [grade.score for grade in grades if grade.score is not None]
    wrong = statuses[Status.FAILED] + statuses[Status.REJECTED]
    parts = [
        ("passed", statuses[Status.PASSED]),
        ("partial", statuses[Status.PARTIAL]),
        ("failed", wrong),
        ("not started", statuses[Status.NOT_STARTED]),
        ("ungraded", statuses[Status.UNGRADED]),
        ("missing", len(sheet.students) - len(grades)),
    ]
    return {
        "exercise": exercise,
        "handed_in": len(grades),
        "late": sum(grade.days_late > 0 for grade in grades),
        "parts": _shares(parts),
        **_spread(scores, exercise.max_score),
    }


def _shares(parts: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    """A bar of all parts: where each begins and how wide it is, in percent."""
    whole = sum(count for _, count in parts) or 1
    shares, at = [], 0
    for name, count in parts:
        share = {"name": name, "count": count, "x": 100 * at / whole, "width": 100 * count / whole}
        shares.append(share)
        at += count
    return [share for share in shares if share["count"]]


def _hardest_first(statistics: Sequence[ItemStatistics]) -> list[ItemStatistics]:
    return sorted(statistics, key=lambda each: 2.0 if (d := each.difficulty) is None else d)


def _item(each: ItemStatistics) -> dict[str, Any]:
    """One line of the item analysis."""
    counts = [(status.value, each.counts.get(status, 0)) for status in ENDS]
    return {
        "each": each,
        "parts": _shares(counts),
        "separates": None if each.discrimination is None else _separates(each.discrimination),
    }


def _separates(index: float) -> str:
    if index < 0:
        return "the wrong way"
    return "well" if index >= WELL else "fairly" if index >= FAIRLY else "hardly"


def _timings(analysis: Analysis) -> dict[str, Any]:
    """Ratios to the reference's time, all exercises on one logarithmic axis."""
    found = {each.slug: analysis.timings(each) for each in analysis.sheet.exercises}
    measured = [
        timing.vs_reference.ratio
        for timings in found.values()
        for _, timing in timings
        if timing.vs_reference and timing.vs_reference.ratio > 0
    ]
    limits = [timing.limit for timings in found.values() for _, timing in timings]
    if not measured:
        return {"rows": []}
    low = int(log2(min([*measured, 0.5])) * PER_OCTAVE // PER_OCTAVE)
    high = ceil(log2(max([*measured, *limits, 2.0])) + 1e-9)

    def at(ratio: float) -> float:
        return 100 * (log2(ratio) - low) / (high - low)

    return {
        "ticks": [(2.0**power, at(2.0**power)) for power in range(low, high + 1)],
        "rows": [
            _timing(exercise, [timing for _, timing in found[exercise.slug]], low, high)
            | {"limit": at(found[exercise.slug][0][1].limit)}
            for exercise in analysis.sheet.exercises
            if found[exercise.slug]
        ],
    }


def _timing(exercise: Column, timings: Sequence[Timing], low: int, high: int) -> dict[str, Any]:
    bins: Counter[int] = Counter()
    ratios = []
    for timing in timings:
        if timing.vs_reference and timing.vs_reference.ratio > 0:
            ratios.append(timing.vs_reference.ratio)
            bins[int((log2(timing.vs_reference.ratio) - low) * PER_OCTAVE)] += 1
    verdicts = Counter(timing.verdict for timing in timings)
    return {
        "exercise": exercise,
        "count": len(timings),
        "median": f"{median(ratios):.1f}" if ratios else "",
        "slow": verdicts[TimingVerdict.SLOW],
        "inconclusive": verdicts[TimingVerdict.INCONCLUSIVE],
        "review": verdicts[TimingVerdict.REVIEW],
        "limit_in_words": f"{timings[0].limit:g}",
        "bars": _bars([bins[place] for place in range((high - low) * PER_OCTAVE)]),
    }


def _lookouts(analysis: Analysis) -> list[dict[str, Any]]:
    """By concern, the most pressing first."""
    found = []
    for concern, (name, meaning) in CONCERNS.items():
        entries = [each for each in analysis.lookouts if each.concern is concern]
        if entries:
            found.append({"name": name, "meaning": meaning, "entries": entries})
    return found


def _rows(analysis: Analysis, lanes: Lanes, ranks: dict[str, int]) -> list[dict[str, Any]]:
    """Everybody, as in the table of grades, with what they can be filtered by."""
    sheet = analysis.sheet
    watched = {name for each in analysis.lookouts for name in each.students}
    late_ones = {each.student for each in analysis.behind}
    tags: dict[str, list[str]] = {student.name: [] for student in sheet.students}
    kinds: Mapping[str, Sequence[Held | Stuck]] = {
        "m": analysis.misconceptions,
        "u": analysis.stuck,
    }
    for letter, groups in kinds.items():
        for place, group in enumerate(groups):
            for name in group.students:
                tags[name].append(f"{letter}{place}")
    rows = []
    for student in sheet.students:
        grades = [sheet.grade(student, exercise) for exercise in sheet.exercises]
        row = lanes.row(student)
        own = {
            "look": student.name in watched,
            "late": any(grade.days_late for grade in grades if grade),
            "behind": student.name in late_ones,
            "missing": not all(grade and grade.is_handed_in for grade in grades),
        }
        rows.append(
            {
                "name": student.name,
                "rank": ranks[student.name],
                "tags": " ".join([*(tag for tag, has in own.items() if has), *tags[student.name]]),
                "total": number(sheet.total(student)),
                "cells": [
                    _cell(exercise, grade)
                    for exercise, grade in zip(sheet.exercises, grades, strict=True)
                ],
                "paths": paths([row]),
                "in_words": _in_words(row),
            }
        )
    return rows


def _cell(exercise: Column, grade: Grade | None) -> tuple[str, str]:
    """A score, and the class that it is shown by."""
    if grade is None or (not grade.is_handed_in and grade.mark is None):
        return "", ""
    if grade.excuse is not None:
        return "", "excused"
    if grade.score is None:
        return "", "none"
    late = " late" if grade.days_late else ""
    kind = "full" if grade.score >= exercise.max_score else "" if grade.score else "zero"
    own = " set" if grade.mark else " stale" if grade.stale else ""
    return number(grade.score), (kind + late + own).strip()


def _in_words(row: str) -> str:
    counts = Counter(row)
    return ", ".join(f"{counts[kind]} {name}" for kind, name in KINDS.items() if counts[kind])
