"""What an exercise shows: curves or a heatmap, as plain numbers. A leaf."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Curves:
    """Some series of numbers over 0, 1, 2, ... or from `first`; `log`: drawn by their exponent."""

    series: dict[str, tuple[float, ...]]
    x: str
    first: int = 0
    log: bool = False


@dataclass(frozen=True)
class Heatmap:
    """A table of numbers, drawn as shades: `rows` and `columns` say what they run over."""

    values: tuple[tuple[float, ...], ...]
    rows: str
    columns: str


Picture = Curves | Heatmap


@dataclass(frozen=True)
class Exhibit:
    """What `grade show --plot` draws: the reference's picture, and the student's once it passes.

    `note` says why there is none of the student's.
    """

    title: str
    reference: Picture
    student: Picture | None = None
    note: str | None = None
