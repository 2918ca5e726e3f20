"""The report for a person at a terminal."""

import io

from rich.cells import set_cell_size
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.formats.prose import prose
from grader.formats.words import state
from grader.language import say
from grader.report import PropertyResult, PropertyStatus, Report, Status, Timing, clean, harmless

BAR = 24
MOST_PRINTED_LINES = 6
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


def show(report: Report, console: Console) -> None:
    """Print the report: score, diagnosis, one line a property, one counterexample, next step."""
    width = min(console.width, WIDEST)
    with console.capture() as capture:
        for block in _blocks(report):
            console.print(block, width=width, highlight=False)
    lines = capture.get().split("\n")
    console.file.write(harmless("\n".join(line.rstrip(" ") for line in lines)))


def plain(report: Report) -> str:
    """What `show` prints, without colours, 80 columns wide."""
    text = io.StringIO()
    show(report, Console(file=text, width=80, color_system=None, force_jupyter=False))
    return text.getvalue().strip("\n") + "\n"


def _blocks(report: Report) -> list[RenderableType]:
    blocks: list[RenderableType] = ["", _heading(report), _score(report)]
    if report.reason:
        blocks += ["", _text(report.reason)]
    if report.misconception:
        blocks += ["", _text(report.misconception.explanation, "bold yellow", lead="→ ")]
    if report.properties:
        blocks += ["", _properties(report.properties)]
        if any(p.status is PropertyStatus.SKIPPED for p in report.properties):
            blocks.append(_text("· " + say("waits until what it builds on passes"), "bright_black"))
    if report.timing:
        blocks += ["", *_timing(report.timing, report.environment.get("torch"))]
    said = report.timing.in_words if report.timing else None
    worst = [p for p in report.properties if p.counterexample] or [
        p
        for p in report.properties
        if p.message not in (None, said) and p.status is not PropertyStatus.SKIPPED
    ]
    if worst:
        blocks += ["", *details(worst[0])]
    if report.printed:
        blocks += ["", *_printed(report.printed)]
    if report.note:
        blocks += ["", _text(report.note, "dim")]
    if report.next_step:
        blocks += ["", _text(report.next_step, "cyan")]
    return [*blocks, ""]


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


def _properties(properties: tuple[PropertyResult, ...]) -> RenderableType:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(overflow="fold")
    for result in properties:
        mark, colour = MARKS[result.status]
        dim = "bright_black" if result.status is PropertyStatus.SKIPPED else ""
        title = _text(result.title, dim)
        points = Text(f"{result.score}/{result.max_score}", dim or "default")
        table.add_row(Text(mark, colour), points, title)
    return table


def details(result: PropertyResult) -> list[RenderableType]:
    """Why one property does not hold: its title, the message, the smallest input that shows it."""
    parts: list[RenderableType] = [_text(result.title, "bold")]
    if result.message:
        parts.append(Padding(_text(result.message, "red"), (0, 0, 0, 2), expand=False))
    if result.counterexample:
        parts += ["", Padding(_text(result.counterexample), (0, 0, 0, 2), expand=False)]
    return parts


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
            say(
                "Time of one call on {device} (torch {torch}, 1 thread, {rounds} rounds)",
                device=timing.device,
                torch=torch,
                rounds=timing.rounds,
            ),
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


def _printed(printed: str) -> list[RenderableType]:
    lines = printed.rstrip("\n").split("\n")
    shown = lines[:MOST_PRINTED_LINES]
    if len(lines) > len(shown):
        shown.append(say("(and {count} lines more)", count=len(lines) - len(shown)))
    body = _text("\n".join(shown), "dim")
    return [
        _text(say("Your code printed:"), "dim"),
        Padding(Group(body), (0, 0, 0, 2), expand=False),
    ]


def _text(content: str, style: str = "", lead: str = "") -> RenderableType:
    return prose(lead + clean(content), style)
