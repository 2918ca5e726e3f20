"""What stands on the pages of `grade watch`, and in the line below them."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from rich.console import Group
from rich.text import Text

from grader.course import Exercise, Hint
from grader.formats import terminal
from grader.language import say
from grader.report import PropertyResult, Report, Status
from grader.watch.screen import Block, block


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
    return block(Group(Text(text, "yellow"), Text(advice), ""))


def notice(text: str) -> Block:
    """Something to know that no verdict depends on."""
    return block(Group(Text(text, "dim"), ""))


def values_hold(count: int, seconds: float) -> Block:
    """That only the running time is left to look at."""
    text = say(
        "All {count} properties of the values hold, in {seconds} s.",
        count=count,
        seconds=f"{seconds:.1f}",
    )
    return block(Group(Text.assemble(("✓ ", "green"), text), ""))


def verdict(report: Report, next_step: str | None) -> Block:
    """The report, with the next step of who watches."""
    return partial(terminal.show, replace(report, next_step=next_step))


def still(result: PropertyResult) -> Block:
    """That the input which failed before fails yet, though the grading has found no other."""
    title = Text(say("Full marks, and yet what failed before still does:"), "bold yellow")
    return block(Group(title, *terminal.details(result), ""))


def hint(given: Hint, exercise: Exercise) -> Block:
    """One hint, and its place among all."""
    tier = exercise.hints.index(given) + 1
    title = say("Hint {tier} of {count}", tier=tier, count=len(exercise.hints))
    return block(Group(Text(title, "bold yellow"), Text(given.text), ""))


def no_more_hints() -> Block:
    """That there are no further hints."""
    return block(Group(Text(say("You have had all the hints of this exercise.")), ""))


# --- the line below -------------------------------------------------------------------------------


def again(result: PropertyResult, *, holds: bool) -> Text:
    """What became of the input that failed before."""
    if holds:
        return Text.assemble(("✓ ", "green"), say("What failed before is right now. Grading ..."))
    reason = (result.message or "").split("\n")[0]
    return Text.assemble(
        ("✗ ", "red"), say("What failed before still does: {reason}", reason=reason)
    )


def progress(count: int, result: PropertyResult) -> Text:
    """How far the grading is."""
    return Text(say("{count} tried: {title}", count=count, title=result.title), "dim")


def score(report: Report, seconds: float) -> Text:
    """The verdict, and how long it took."""
    mark = {Status.PASSED: "✓", Status.NOT_STARTED: "·"}.get(report.status, "✗")
    points = f"{mark} {report.score} / {report.max_score}"
    took = say("in {seconds} s", seconds=f"{seconds:.1f}")
    return Text.assemble((points, terminal.COLOURS[report.status]), f"  {took}.  ")
