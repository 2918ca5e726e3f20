"""What stands on the pages of `grade watch`, and in the line below them."""

import io
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from rich.console import Console, Group
from rich.text import Text

from grader.course.model import Exercise, Hint
from grader.formats import terminal
from grader.formats.prose import prose
from grader.language import say
from grader.report import PropertyResult, PropertyStatus, Report, Status
from grader.watch.screen import FOOTER_LINES, Block, block

# What a window that is too low does without, in the order in which it goes.
LEFT_OUT: tuple[frozenset[PropertyStatus], ...] = (
    frozenset(),
    frozenset({PropertyStatus.PASSED}),
)


def heading(exercise: Exercise, path: Path) -> Block:
    """Which exercise it is, and the file that is watched."""
    title = say("Exercise {number}. {title}", number=exercise.number, title=exercise.title)
    return block(Group("", Text.assemble((title, "bold"), (f"  {path}", "dim")), ""))


def no_keys() -> Block:
    """Why no key does anything."""
    text = say("Keys are off: standard input is no terminal. Ctrl-C ends the watch.")
    return block(Text(text, "dim"))


def problem(text: str, advice: str) -> Block:
    """Why there is nothing to show, and what to do."""
    return block(Group(prose(text, "yellow"), prose(advice), ""))


def notice(text: str) -> Block:
    """Something to know that no verdict depends on."""
    return block(Group(prose(text, "dim"), ""))


def values_hold(count: int, seconds: float) -> Block:
    """That only the running time is left to look at."""
    text = say(
        "All {count} properties of the values hold, in {seconds} s.",
        count=count,
        seconds=f"{seconds:.1f}",
    )
    return block(Group(Text.assemble(("✓ ", "green"), text), ""))


def verdict(report: Report, next_step: str | None) -> Block:
    """The report, with the next step of who watches; in a low window without the properties that
    need no work, then without what was printed and with less of the input, then without any list:
    so that score, mistake, reason and next step stand there together."""
    report = replace(report, next_step=next_step)

    def show(console: Console) -> None:
        if not console.is_terminal or console.is_dumb_terminal:
            terminal.show(report, console)
            return
        pages = list(_smaller(report))
        ways = [(page, is_listed) for is_listed in (True, False) for page in pages]
        fitting = (way for way in ways if _fits(*way, console))
        page, is_listed = next(fitting, ways[-1])
        terminal.show(page, console, is_listed=is_listed)

    return show


def _smaller(report: Report) -> Iterator[Report]:
    """The report, and with less and less of what can be spared."""
    for left_out in LEFT_OUT:
        yield _reduced(report, left_out)
    least = _reduced(report, LEFT_OUT[-1])
    least = replace(least, printed="")
    yield least
    lines = max((_height(each) for each in least.properties), default=0)
    for kept in range(lines, 0, -1):
        yield replace(least, properties=tuple(_cut(each, kept) for each in least.properties))
    bare = tuple(replace(each, counterexample=None) for each in least.properties)
    least = replace(least, properties=bare)
    yield least
    yield replace(least, note=report.note)


def _height(result: PropertyResult) -> int:
    return (result.counterexample or "").count("\n") + 1


def _cut(result: PropertyResult, kept: int) -> PropertyResult:
    """The property with so many lines of its counterexample: what came back before what went in."""
    if result.counterexample is None or _height(result) <= kept:
        return result
    call, gap, results = result.counterexample.rpartition("\n\n")
    below = results.split("\n")
    above = kept - len(below) - 2  # beside the sign that something is left out, and the gap
    head = [*call.split("\n")[:above], "…", ""] if gap and above >= 0 else []
    tail = below if len(below) <= kept else [*below[: max(kept - 1, 0)], "…"]
    return replace(result, counterexample="\n".join([*head, *tail]))


def _reduced(report: Report, left_out: Collection[PropertyStatus]) -> Report:
    """The report without the properties of some statuses, and with a note that says so."""
    kept = tuple(result for result in report.properties if result.status not in left_out)
    if (count := len(report.properties) - len(kept)) == 0:
        return report
    note = say("In a higher window there are more properties: {count}.", count=count)
    return replace(report, properties=kept, note=" ".join(filter(None, (report.note, note))))


def _fits(report: Report, is_listed: bool, console: Console) -> bool:
    page = io.StringIO()
    terminal.show(report, Console(file=page, width=console.width), is_listed=is_listed)
    return page.getvalue().count("\n") + FOOTER_LINES <= console.height


def still(result: PropertyResult) -> Block:
    """That the input which failed before fails yet, though the grading has found no other."""
    title = Text(say("Full marks, and yet what failed before still does:"), "bold yellow")
    return block(Group(title, *terminal.details(result), ""))


def hint(given: Hint, exercise: Exercise) -> Block:
    """One hint, and its place among all."""
    tier = exercise.hints.index(given) + 1
    title = say("Hint {tier} of {count}", tier=tier, count=len(exercise.hints))
    return block(Group(Text(title, "bold yellow"), prose(given.text), ""))


def no_more_hints(exercise: Exercise) -> Block:
    """That there are no further hints, and all of them once more."""
    said = say("You have had all the hints of this exercise.")
    again = [prose(f"{tier}. {each.text}") for tier, each in enumerate(exercise.hints, 1)]
    return block(Group(Text(said, "bold yellow"), *again, ""))


# --- the line below -------------------------------------------------------------------------------


def again(result: PropertyResult, *, holds: bool) -> Text:
    """What became of the input that failed before."""
    if holds:
        return Text.assemble(("✓ ", "green"), say("What failed before is right now. Grading ..."))
    reason = (result.message or "").split("\n")[0]
    return Text.assemble(
        ("✗ ", "red"), say("What failed before still does: {reason}", reason=reason)
    )


def progress(count: int, total: int, now: str, seconds: float) -> Text:
    """How far the grading is: which property is tried now, of how many."""
    said = {"seconds": int(seconds), "number": min(count + 1, total), "total": total, "now": now}
    return Text(say("{seconds} s, {number} of {total}: {now}", **said), "dim")


def training(what: str, seconds: float) -> Text:
    """How far a model is trained, in the words of `Trained`."""
    return Text(say("{seconds} s, {what}", seconds=int(seconds), what=what), "dim")


def score(report: Report, seconds: float) -> Text:
    """The verdict, and how long it took."""
    mark = {Status.PASSED: "✓", Status.NOT_STARTED: "·"}.get(report.status, "✗")
    points = f"{mark} {report.score} / {report.max_score}"
    took = say("in {seconds} s", seconds=f"{seconds:.1f}")
    return Text.assemble((points, terminal.COLOURS[report.status]), f" · {took} · ")
