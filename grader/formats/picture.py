"""Draw an exhibit at a terminal: curves as marks on a grid, a heatmap as shades."""

import math

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.language import say
from grader.picture import Curves, Exhibit, Heatmap, Picture

WIDEST = 100
LEAST = 24  # columns that a picture is drawn in, even where they do not fit a line
HEIGHT = 16
GAP = 4
BESIDE = 34  # columns that a picture takes at least; with less, the second goes below
MARKS = "ox+*#"
COLOURS = ("cyan", "yellow", "magenta", "green", "red")
SHADES = " .:-=+*#%@"


def show(exhibit: Exhibit, console: Console) -> None:
    """Print the reference's picture, and the student's beside it where there is one."""
    console.print(f"\n[bold]{exhibit.title}[/bold]\n", highlight=False)
    width = max(LEAST, min(console.width, WIDEST))
    pictures = {say("reference"): exhibit.reference}
    if exhibit.student is not None:
        pictures[say("yours")] = exhibit.student
    half = (width - GAP) // 2
    beside = len(pictures) > 1 and half >= BESIDE
    grid = Table.grid(padding=(0, GAP, 0, 0))
    drawn = []
    for name, picture in pictures.items():
        text = _draw(picture, half if beside else width)
        drawn.append(Text.assemble((name, "bold"), "\n", text))
    if beside:
        grid.add_row(*drawn)
        console.print(grid)
    else:
        for text in drawn:
            console.print(text, highlight=False)
            console.print()
    if exhibit.note:
        console.print(exhibit.note, style="cyan", highlight=False, markup=False)


def _draw(picture: Picture, width: int) -> Text:
    if isinstance(picture, Curves):
        return _curves(picture, width)
    return _heatmap(picture, width)


def _curves(picture: Curves, width: int) -> Text:
    """One mark a value; the height is the value, or its exponent."""
    heights = {name: [_height(v, picture.log) for v in vs] for name, vs in picture.series.items()}
    finite = [h for hs in heights.values() for h in hs if math.isfinite(h)] or [0.0]
    low, high = min(finite), max(finite)
    high = high if high > low else low + 1.0
    step = (high - low) / (HEIGHT - 1)
    labels = [_label(high - step * row, picture.log) for row in range(HEIGHT)]
    margin = max(map(len, labels)) + 2
    room = width - margin
    count = max(map(len, heights.values()), default=1)
    grid: list[list[tuple[str, str]]] = [[(" ", "")] * room for _ in range(HEIGHT)]
    for index, hs in enumerate(heights.values()):
        mark, colour = MARKS[index % len(MARKS)], COLOURS[index % len(COLOURS)]
        for x, h in enumerate(hs):
            if math.isfinite(h):
                column = round(x * (room - 1) / max(count - 1, 1))
                row = HEIGHT - 1 - round((h - low) / (high - low) * (HEIGHT - 1))
                grid[row][column] = (mark, colour)
    text = Text()
    for row, cells in enumerate(grid):
        label = labels[row] if row % 5 == 0 else ""
        text.append(f"{label:>{margin - 2}} |")
        for mark, colour in cells:
            text.append(mark, colour)
        text.append("\n")
    last = f"{picture.first + count - 1}"
    axis = f"{picture.first} {picture.x} "
    text.append(f"{'':{margin - 2}} +{'-' * room}\n")
    text.append(f"{'':{margin}}{axis}{last:>{room - cell_len(axis)}}\n")
    for index, name in enumerate(heights):
        text.append(f"{'':{margin}}{MARKS[index % len(MARKS)]} ", COLOURS[index % len(COLOURS)])
        text.append(f"{name}\n")
    return text


def _height(value: float, log: bool) -> float:
    if not log:
        return value
    return math.log10(value) if 0 < value < math.inf else math.nan


def _label(height: float, log: bool) -> str:
    return f"1e{height:+.0f}" if log else f"{height:.3g}"


def _heatmap(picture: Heatmap, width: int) -> Text:
    """One cell a number, darkest where it is greatest; as many as the width holds."""
    values = picture.values
    columns = len(values[0]) if values else 0
    cell = 2 if columns * 2 <= width else 1
    step = max(1, math.ceil(columns * cell / width))
    flat = [v for row in values for v in row if math.isfinite(v)] or [0.0]
    low, high = min(flat), max(flat)
    span = (high - low) or 1.0
    text = Text()
    for row in values[:: max(1, math.ceil(len(values) / (2 * HEIGHT)))]:
        for value in row[::step]:
            share = (value - low) / span if math.isfinite(value) else 0.0
            level = min(int(share * len(SHADES)), len(SHADES) - 1)
            grey = 232 + round(share * 23)
            ink = 232 if share > 0.5 else 255
            text.append(SHADES[level] * cell, f"color({ink}) on color({grey})")
        text.append("\n")
    labels = {"rows": picture.rows, "columns": picture.columns}
    text.append(say("rows: {rows}; columns: {columns}", **labels) + "\n")
    ends = {"least": SHADES[0], "low": low, "most": SHADES[-1], "high": high}
    text.append(say("'{least}' is {low:.3g}, '{most}' is {high:.3g}", **ends) + "\n")
    return text
