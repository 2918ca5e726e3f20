"""The report for a person at a terminal."""

import io

from rich.cells import set_cell_size
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.formats.curve import draw
from grader.formats.prose import prose
from grader.formats.words import state, timing_heading, waiting
from grader.language import say
from grader.report import (
    PropertyResult,
    PropertyStatus,
    Report,
    Status,
    Timing,
    Training,
    clean,
    harmless,
)

BAR = 24
MOST_PRINTED_LINES = 6
MOST_PRINTED_LINES_IN_FULL = 400
WIDEST = 100

MARKS = {
    PropertyStatus.PASSED: ("✓", "green"),
    PropertyStatus.FAILED: ("✗", "red"),
    PropertyStatus.ERROR: ("!", "red"),
    PropertyStatus.SKIPPED: ("·", "bright_black"),
    PropertyStatus.BROKEN: ("?", "magenta"),
}
COLOURS = {
    Status.PASSED: "green",
    Status.PARTIAL: "yellow",
    Status.FAILED: "red",
    Status.REJECTED: "red",
    Status.NOT_STARTED: "cyan",
    Status.UNGRADED: "magenta",
}


def show(
    report: Report, console: Console, *, in_full: bool = False, is_listed: bool = True
) -> None:
    """Print the report: the score, the mistake and the example that shows it; then the properties,
    those that wait folded, the time and the next step. `in_full`: every failure, and every line;
    not `is_listed`: no list of properties, nor what is said of it."""
    width = min(console.width, WIDEST)
    with console.capture() as capture:
        for block in _blocks(report, in_full, is_listed):
            console.print(block, width=width, highlight=False)
    lines = capture.get().split("\n")
    console.file.write(harmless("\n".join(line.rstrip(" ") for line in lines)))


def plain(report: Report) -> str:
    """What `show` prints, without colours, 80 columns wide."""
    text = io.StringIO()
    show(report, Console(file=text, width=80, color_system=None, force_jupyter=False))
    return text.getvalue().strip("\n") + "\n"


def _blocks(report: Report, in_full: bool, is_listed: bool) -> list[RenderableType]:
    blocks: list[RenderableType] = ["", _heading(report), _score(report)]
    if report.reason:
        blocks += ["", _text(report.reason)]
    if report.misconception:
        blocks += ["", _beside("→", "yellow", report.misconception.explanation, "bold yellow")]
    first = report.first_failure
    failed = report.failures
    for result in failed if in_full else failed[:1]:
        blocks += ["", *details(result, report.path, named=in_full)]
    if report.properties and is_listed:
        blocks += ["", _properties(report, in_full=in_full)]
    if report.note and is_listed:
        blocks += ["", _text(report.note, "dim")]
    if report.timing:
        blocks += ["", *_timing(report.timing, report.environment.get("torch"))]
    if report.training:
        blocks += ["", *_training(report.training)]
    if report.printed:
        seen = first is not None and bool(first.printed)
        blocks += ["", *_printed(report.printed, seen=seen, in_full=in_full)]
    if len(failed) > 1 and not in_full and is_listed:
        advice = say("Every failure in full: --all. One alone: --only {name}.", name=failed[1].name)
        blocks += ["", _text(advice, "dim")]
    if report.next_step:
        blocks += ["", _text(report.next_step, "cyan")]
    return [*blocks, ""]


def _training(training: Training) -> list[RenderableType]:
    """The curve of a model that was trained, and its end in words."""
    return [
        _text(training.kind.heading, "bold"),
        Padding(draw(training, WIDEST), (0, 0, 0, 2)),
        _below(_text(training.in_words)),
    ]


def _heading(report: Report) -> RenderableType:
    return Text.assemble(
        (
            say("Exercise {number}. {title}", number=report.number, title=clean(report.title)),
            "bold",
        ),
        ("  " + clean(report.path), "dim"),
    )


def _score(report: Report) -> RenderableType:
    colour = COLOURS[report.status]
    share = report.score / report.max_score if report.max_score else 0.0
    full = int(BAR * share)  # rounded down: a full bar is full marks
    return Text.assemble(
        ("━" * full, colour),
        ("─" * (BAR - full), "bright_black"),
        (f"  {report.score} / {report.max_score}", "bold"),
        (f"  {state(report.status)}", colour),
    )


def _properties(report: Report, *, in_full: bool) -> RenderableType:
    """A row for each property; the ones that wait are one row, unless they are wanted `in_full`."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(overflow="fold")
    waits = report.waiting
    folded = () if in_full else waits
    for result in report.properties:
        if result in folded:
            continue
        mark, colour = MARKS[result.status]
        dim = "bright_black" if result.status is PropertyStatus.SKIPPED else ""
        title = _text(result.title, dim)
        points = Text(f"{result.score}/{result.max_score}", dim or "default")
        table.add_row(Text(mark, colour), points, title)
    if folded:
        mark, colour = MARKS[PropertyStatus.SKIPPED]
        points = Text(f"0/{sum(p.max_score for p in folded)}", colour)
        table.add_row(Text(mark, colour), points, _text(waiting(report), colour))
    return table


def details(result: PropertyResult, path: str = "", *, named: bool = False) -> list[RenderableType]:
    """Why one property does not hold: its title (and name, where it is to be `named`), the message,
    the smallest input that shows it, the line of the file at `path` to look at, and what was
    printed meanwhile."""
    mark, colour = MARKS[result.status]
    parts: list[RenderableType] = [_beside(mark, colour, result.title, "bold")]
    if named:
        parts.append(_below(Text(clean(result.name), "dim")))
    if result.message:
        parts.append(_below(_text(result.message, "red")))
    if result.counterexample:
        # From the edge: what is copied from here has to be Python as it stands.
        parts += ["", _text(result.counterexample)]
    if path and result.line is not None:
        place = say("Look at {place}", place=f"{path}:{result.line}")
        parts += ["", _below(_text(place, "dim"))]
    if result.printed:
        parts += ["", _below(_text(say("Printed in this call:"), "dim"))]
        parts.append(_below(_text(result.printed.rstrip("\n"), "dim"), 4))
    return parts


def _beside(mark: str, colour: str, text: str, style: str) -> RenderableType:
    """A text that hangs beside its mark."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_row(Text(mark, colour), _text(text, style))
    return table


def _below(content: RenderableType, by: int = 2) -> RenderableType:
    return Padding(content, (0, 0, 0, by), expand=False)


def _timing(timing: Timing, torch: str | None) -> list[RenderableType]:
    """A bar for each, as long as its time; then the verdict in words."""
    rows = [
        (say("you"), timing.student_ms, "cyan"),
        (say("reference"), timing.reference_ms, "bright_black"),
        (say("built-in"), timing.builtin_ms, "bright_black"),
    ]
    longest = max(ms for _, ms, _ in rows if ms is not None)
    lines: list[RenderableType] = [
        _text(
            timing_heading(timing, torch),
            "bold",
        )
    ]
    for name, ms, colour in rows:
        if ms is not None:
            bar = "█" * max(1, round(BAR * ms / longest))
            lines.append(
                Text.assemble(
                    "  " + set_cell_size(name, 11), (f"{bar:<{BAR}}", colour), f"{ms:10.3f} ms"
                )
            )
    return [*lines, Padding(_text(timing.in_words), (0, 0, 0, 2), expand=False)]


def _printed(printed: str, *, seen: bool, in_full: bool) -> list[RenderableType]:
    """What was printed in all calls, its beginning; only how much, where what counts was `seen`."""
    lines = printed.rstrip("\n").split("\n")
    if seen and not in_full:
        count = say("In all calls together your code printed {count} lines.", count=len(lines))
        return [_text(count, "dim")]
    shown = lines[: MOST_PRINTED_LINES_IN_FULL if in_full else MOST_PRINTED_LINES]
    if len(lines) > len(shown):
        shown.append(say("({count} more lines)", count=len(lines) - len(shown)))
    body = _text("\n".join(shown), "dim")
    return [
        _text(say("Your code printed:"), "dim"),
        Padding(Group(body), (0, 0, 0, 2), expand=False),
    ]


def _text(content: str, style: str = "") -> RenderableType:
    return prose(clean(content), style)
