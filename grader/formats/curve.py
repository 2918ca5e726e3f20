"""How well a model does after so many steps, drawn: at a terminal, and where to put it on a
page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.text import Text

from grader.language import say
from grader.report import Training

HEIGHT = 11
WIDTH = 50
LABEL = 26  # columns beside the picture
MARKS = {"student": ("o", "cyan"), "reference": ("·", "yellow")}


@dataclass(frozen=True)
class Level:
    """A line across the picture: what it is, its value, and its height from 0 to 1."""

    name: str
    title: str
    value: float
    height: float


def levels(training: Training) -> list[Level]:
    """The lines that a curve is read by, from who knows nothing to the best."""
    simple, best = training.kind.lines
    named = (
        ("uniform", say("knows nothing"), training.uniform),
        ("bigram", simple, training.bigram),
        ("bar", say("enough"), training.bar),
        ("floor", best, training.floor),
    )
    return [Level(name, title, value, height(value, training)) for name, title, value in named]


def height(value: float, training: Training) -> float:
    """Where it lies in the picture, from 0 to 1; what is worse than who knows nothing is drawn
    there."""
    nothing, best, kind = training.uniform, training.floor, training.kind
    if kind.more_is_better:
        share = kind.height(value, nothing, best) if value > nothing else 0.0
    elif not value > 0 or nothing <= best:
        return 1.0
    else:
        share = kind.height(value, nothing, best)
    return min(max(share, 0.0), 1.0)


def points(training: Training, curve: Sequence[float]) -> list[tuple[float, float]]:
    """The points of a curve, each from 0 to 1 to the right and up."""
    most = max(training.steps[-1], 1)
    return [
        (steps / most, height(value, training))
        for steps, value in zip(training.steps, curve, strict=False)
    ]


def draw(training: Training, width: int) -> Text:
    """The picture for a terminal of so many columns."""
    room = max(10, min(WIDTH, width - LABEL))
    grid = [[(" ", "")] * room for _ in range(HEIGHT)]
    labels: list[list[str]] = [[] for _ in range(HEIGHT)]
    for level in levels(training):
        row = _row(level.height)
        labels[row].append(f"{training.kind.written(level.value)} {level.title}")
        grid[row] = [("-", "bright_black")] * room
    curves = {"reference": training.reference, "student": training.student}
    for name, curve in curves.items():
        mark = MARKS[name]
        for column, at in _columns(points(training, curve), room):
            grid[_row(at)][column] = mark
    text = Text()
    for cells, said in zip(grid, labels, strict=True):
        for sign, colour in cells:
            text.append(sign, colour)
        text.append(f" {', '.join(said)}".rstrip() + "\n")
    text.append(f"0{say('{count} steps', count=training.steps[-1]):>{room - 1}}\n")
    text.append(*MARKS["student"]).append(" " + say("yours"))
    if training.reference:
        text.append("   ").append(*MARKS["reference"]).append(" " + say("reference"))
    return text


def _row(at: float) -> int:
    return HEIGHT - 1 - round(at * (HEIGHT - 1))


def _columns(curve: Sequence[tuple[float, float]], room: int) -> Iterator[tuple[int, float]]:
    """A height for each column, straight from one point to the next."""
    for (left, low), (right, high) in pairwise(curve):
        first, last = round(left * (room - 1)), round(right * (room - 1))
        for column in range(first, last + 1):
            share = (column - first) / max(last - first, 1)
            yield column, low + share * (high - low)
