"""A counterexample's numbers as heatmaps: what each cell says, how it is shaded, how it reads.

The tensors of a part are laid out as slices of two axes, one below another; of each slice the
student's, the expected and the difference stand side by side. An element has one number in all
three, so that pointing at one shows all.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from math import prod

from grader.formats.numbers import Scalar, apart, brief, full
from grader.formats.text import marked
from grader.language import say
from grader.report import Comparison, Excerpt, Part

SHADES = 10  # on either side of nought
WIDEST_WRITTEN = 8  # columns that leave room to write the numbers into the cells
TALLEST = 8  # rows of cells that are seen at a glance

Index = tuple[int, ...]


@dataclass(frozen=True)
class Cell:
    """One element: its number in the comparison, what is written in it, its shade and its marks.

    `shade` runs from -10 to 10, and `odd` is nan or inf where the number is not finite. `picks`: it
    is this cell of the element's that a keyboard can choose.
    """

    element: int
    text: str
    shade: int
    odd: str = ""
    is_wrong: bool = False
    picks: bool = False


@dataclass(frozen=True)
class Panel:
    """A table of cells with the indices along its edges, or a text in pieces that differ or not.

    `role` is student, expected or difference; `label` names the slice where there are several;
    `reach` is the size that the deepest shade stands for.
    """

    role: str
    form: str = ""
    cut: str = ""
    label: str = ""
    reach: str = ""
    cells: list[list[Cell]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    pieces: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def is_dense(self) -> bool:
        """Whether there are too many columns to write the numbers."""
        return len(self.columns) > WIDEST_WRITTEN

    @property
    def is_vector(self) -> bool:
        """Whether it is a row of several numbers."""
        return bool(self.columns) and not self.rows


@dataclass(frozen=True)
class Drawing:
    """One part of a result: the panels that belong together, such as those of one slice.

    `form` and `cut` are those of both sides. Where the sides are `unlike`, each has its own, and a
    group holds all panels of one side.
    """

    name: str
    groups: list[list[Panel]]
    form: str = ""
    cut: str = ""
    unlike: bool = False


@dataclass
class Figure:
    """A comparison, drawn: `readings` says each element in full, `chosen` is the first to show."""

    drawings: list[Drawing] = field(default_factory=list)
    readings: list[str] = field(default_factory=list)
    chosen: int = 0

    @property
    def is_tall(self) -> bool:
        """Whether it may not fit a screen."""
        panels = [group[0] for drawing in self.drawings for group in drawing.groups]
        return sum(len(panel.cells) for panel in panels) > TALLEST


def draw(comparison: Comparison) -> Figure:
    """Every part of a comparison."""
    figure = Figure()
    for part in comparison.parts:
        if (
            isinstance(part.student, Excerpt)
            and isinstance(part.expected, Excerpt)
            and part.worst is not None
        ):
            drawing = _paired(part, part.student, part.expected, figure)
        else:
            drawing = _unlike(part, figure)
        figure.drawings.append(drawing)
    return figure


# --- two results of one form --------------------------------------------------------------------


@dataclass(frozen=True)
class _Gap:
    """The student's value less the expected: signed, and nan where it is no number.

    `text` says it in full, `brief` in a cell.
    """

    size: float
    is_wrong: bool
    text: str
    brief: str

    @classmethod
    def between(cls, student: Scalar, expected: Scalar, tolerance: float) -> "_Gap":
        if student == expected or (student != student and expected != expected):
            return cls(0.0, False, "0", "0")
        size = math.nan
        if not isinstance(student, bool | str) and not isinstance(expected, bool | str):
            size = student - expected
        if not math.isfinite(size):
            return cls(math.nan, True, "≠", "≠")
        if abs(size) <= tolerance:
            return cls(0.0, False, "≈ 0", "0")
        text = f"{size:+}" if isinstance(size, int) else f"{size:+.3g}"
        return cls(size, True, text, brief(size, signed=True))


def _paired(part: Part, student: Excerpt, expected: Excerpt, figure: Figure) -> Drawing:
    mine, right = _elements(student), _elements(expected)
    tolerance = part.tolerance or 0.0
    gaps = {at: _Gap.between(mine[at], right[at], tolerance) for at in mine}
    reach = _reach([*mine.values(), *right.values()])
    steepest = _reach([gap.size for gap in gaps.values()])
    first = len(figure.readings)
    numbers = {at: first + order for order, at in enumerate(mine)}
    if first == 0:
        figure.chosen = numbers[part.worst or ()]
    for at in mine:
        figure.readings.append(_reading(part.name, at, mine[at], right[at], gaps[at]))

    def students(at: Index) -> Cell:
        shade = _shade(mine[at], reach)
        return Cell(numbers[at], brief(mine[at]), *shade, gaps[at].is_wrong, picks=True)

    def expecteds(at: Index) -> Cell:
        return Cell(numbers[at], brief(right[at]), *_shade(right[at], reach))

    def differences(at: Index) -> Cell:
        return Cell(numbers[at], gaps[at].brief, *_shade(gaps[at].size, steepest))

    panels = (
        _panels(student, "student", students, reach),
        _panels(student, "expected", expecteds, reach),
        _panels(student, "difference", differences, steepest),
    )
    groups = [list(group) for group in zip(*panels, strict=True)]
    return Drawing(part.name, groups, form=form(student), cut=cut(student))


def _reading(name: str, at: Index, student: Scalar, expected: Scalar, gap: _Gap) -> str:
    yours, right = apart(student, expected)
    return say(
        "{place}yours {yours}, expected {expected}, difference {difference}",
        place=_place(name, at),
        yours=yours,
        expected=right,
        difference=gap.text,
    )


# --- two results that differ in form, or are no tensors -------------------------------------------


def _unlike(part: Part, figure: Figure) -> Drawing:
    if isinstance(part.student, str) and isinstance(part.expected, str):
        mine, right = marked(part.student, part.expected)
        sides = [[Panel("student", pieces=mine)], [Panel("expected", pieces=right)]]
    else:
        sides = [
            _side(part.name, "student", part.student, figure),
            _side(part.name, "expected", part.expected, figure),
        ]
    return Drawing(part.name, sides, unlike=True)


def _side(name: str, role: str, value: Excerpt | str, figure: Figure) -> list[Panel]:
    if isinstance(value, str):
        return [Panel(role, pieces=[(value, False)])]
    elements = _elements(value)
    reach = _reach(list(elements.values()))
    first = len(figure.readings)
    numbers = {at: first + order for order, at in enumerate(elements)}
    whose = say("yours") if role == "student" else say("expected")
    for at in elements:
        figure.readings.append(f"{_place(name, at)}{whose} {full(elements[at])}")

    def cell(at: Index) -> Cell:
        return Cell(numbers[at], brief(elements[at]), *_shade(elements[at], reach), picks=True)

    return list(_panels(value, role, cell, reach, form=form(value), cut=cut(value)))


# --- slices and elements -------------------------------------------------------------------------


def _axes(excerpt: Excerpt) -> list[range]:
    """The indices that are shown of each axis."""
    pairs = zip(excerpt.start, excerpt.shown, strict=True)
    return [range(start, start + count) for start, count in pairs]


def _elements(excerpt: Excerpt) -> dict[Index, Scalar]:
    """Each element that is shown, by its index in the tensor."""
    return dict(zip(product(*_axes(excerpt)), _flat(excerpt.values), strict=True))


def _flat(values: object) -> Iterator[Scalar]:
    if isinstance(values, tuple):
        for item in values:
            yield from _flat(item)
    else:
        assert isinstance(values, float | int | str)
        yield values


def _panels(
    excerpt: Excerpt,
    role: str,
    cell: Callable[[Index], Cell],
    reach: float,
    *,
    form: str = "",
    cut: str = "",
) -> Iterator[Panel]:
    """One panel for each index of the leading axes; a vector is one row."""
    dimensions = len(excerpt.shape)
    *leading, rows, columns = [range(1)] * (2 - dimensions) + _axes(excerpt)
    slices = list(product(*leading))
    if not slices:
        yield Panel(role, form=form)
    for at in slices:
        first = at == slices[0]
        yield Panel(
            role,
            form=form if first else "",
            cut=cut if first else "",
            reach=brief(reach),
            label=f"[{', '.join([*map(str, at), ':', ':'])}]" if len(slices) > 1 else "",
            cells=[
                [cell((*at, row, column)[max(0, 2 - dimensions) :]) for column in columns]
                for row in rows
            ],
            rows=list(rows) if len(rows) > 1 else [],
            columns=list(columns) if len(columns) > 1 else [],
        )


# --- shades ---------------------------------------------------------------------------------------


def _reach(values: list[Scalar]) -> float:
    """The greatest finite size, which gets the deepest shade."""
    sizes = (abs(v) for v in values if not isinstance(v, str) and math.isfinite(v))
    return max(sizes, default=0.0)


def _shade(value: Scalar, reach: float) -> tuple[int, str]:
    """How deep and which way, 0 for nought alone; and whether it is nan or inf."""
    if isinstance(value, str) or math.isnan(value):
        return 0, "nan"
    if math.isinf(value):
        return (SHADES if value > 0 else -SHADES), "inf"
    if value == 0 or reach == 0:
        return 0, ""
    depth = max(1, round(SHADES * (abs(value) / reach)))
    return (depth if value > 0 else -depth), ""


# --- words ----------------------------------------------------------------------------------------


def form(excerpt: Excerpt) -> str:
    """`(2, 3) float64`, or `int` for a bare number."""
    return f"{excerpt.shape} {excerpt.dtype}" if excerpt.shape else excerpt.dtype


def cut(excerpt: Excerpt) -> str:
    """What is left out of a tensor that is too large; empty where nothing is."""
    left = prod(excerpt.shape) - prod(excerpt.shown)
    if not left:
        return ""
    window = ", ".join(
        f"{axis.start}:{axis.stop}" if len(axis) < length else ":"
        for axis, length in zip(_axes(excerpt), excerpt.shape, strict=True)
    )
    return say(
        "Only [{window}] of {shape} is shown; {count} elements are left out.",
        window=window,
        shape=excerpt.shape,
        count=left,
    )


def _place(name: str, at: Index) -> str:
    """`result[0]`, [1, 2]: with a colon, or nothing for a bare number."""
    index = f"[{', '.join(map(str, at))}]" if at else ""
    place = " ".join(filter(None, (name, index)))
    return f"{place}: " if place else ""
