"""The heatmap of students by property: few paths, however many cells.

A student is a row of cells, one a property; the lane of an exercise is its cells, and one is left
free between two lanes. Cells in a row that look alike are one stroke of the path of their kind.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from grader.classroom.kept.gradebook import Column, Student
from grader.classroom.shown.analysis import Analysis, Item
from grader.report import PropertyStatus, Report, Status

# A kind of cell: the class that the style sheet knows it by, and what it says.
KINDS = {
    "p": "passed",
    "f": "failed",
    "e": "error",
    "w": "waits for another to pass",
    "b": "broken, by the grader's fault",
    "z": "0 points: nothing could be tried",
    "n": "not started",
}
OF_PROPERTY = dict(zip(PropertyStatus, "pfweb", strict=True))
OF_STATUS = {Status.REJECTED: "z", Status.FAILED: "z", Status.UNGRADED: "b"}


@dataclass(frozen=True)
class Lane:
    """The cells of one exercise: where they begin, and what they are."""

    exercise: Column
    start: int
    items: tuple[Item, ...]


class Lanes:
    """Where each property stands, and how students are drawn."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis

    @cached_property
    def all(self) -> tuple[Lane, ...]:
        """The lanes, in the order of the course; one at least one cell wide."""
        lanes = []
        start = 0
        for exercise in self._analysis.sheet.exercises:
            items = tuple(i for i in self._analysis.items if i.exercise == exercise)
            lanes.append(Lane(exercise, start, items))
            start += max(len(items), 1) + 1
        return tuple(lanes)

    @cached_property
    def width(self) -> int:
        """How many cells wide all of it is."""
        return max((lane.start + max(len(lane.items), 1) for lane in self.all), default=0)

    def place(self, item: Item) -> int:
        """The cell of a property."""
        lane = next(lane for lane in self.all if lane.exercise == item.exercise)
        return lane.start + lane.items.index(item)

    def row(self, student: Student) -> str:
        """A student's kinds of cells, a letter each; a space where there is nothing."""
        row = ""
        for lane in self.all:
            report = self._analysis.report(student, lane.exercise)
            row = row.ljust(lane.start) + self._cells(lane, report)
        return row.ljust(self.width)

    def _cells(self, lane: Lane, report: Report | None) -> str:
        if report is None:
            return ""
        if not report.properties:
            return OF_STATUS.get(report.status, "n") * max(len(lane.items), 1)
        results = {result.name: result for result in report.properties}
        return "".join(
            OF_PROPERTY[results[item.name].status] if item.name in results else " "
            for item in lane.items
        )


def paths(rows: Sequence[str]) -> dict[str, str]:
    """For each kind of cell that is there, the path of SVG that draws it, a unit a cell."""
    strokes: dict[str, list[str]] = {}
    for y, row in enumerate(rows):
        for kind, start, length in _runs(row):
            strokes.setdefault(kind, []).append(f"M{start} {y}.5h{length}")
    return {kind: "".join(strokes[kind]) for kind in KINDS if kind in strokes}


def _runs(row: str) -> Iterable[tuple[str, int, int]]:
    start = 0
    for kind, cells in groupby(row):
        length = len(list(cells))
        if kind != " ":
            yield kind, start, length
        start += length
