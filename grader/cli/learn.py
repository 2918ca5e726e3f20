"""The commands that show a learner the way: what there is, what is next, what it asks, a hint."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from grader.cli.options import (
    INIT,
    CourseFolder,
    Language,
    OptionalName,
    SubmissionPath,
    chosen,
    command,
    find_own_file,
    path_in,
    show_notice,
)
from grader.course import model as course
from grader.course.model import Course, Exercise
from grader.errors import UsageError
from grader.formats.docstring import Docstring, fitted
from grader.formats.prose import prose
from grader.language import say
from grader.learner import elsewhere, statement
from grader.learner.history import Attempt, History, best
from grader.submission import finding
from grader.submission import text as submission
from grader.submission.reading import is_untouched

PASSED, BEGUN, UNTRIED = "✓", "~", "·"
FIRST_LINES = 9


def list_(course_folder: CourseFolder = None, _lang: Language = None) -> None:
    """List the exercises, with your best score and time in each."""
    found = course.find(course_folder)
    history = History.of(found)
    console = Console()
    console.print(listing(found, history), highlight=False)
    console.print()
    _go_on(console, found, course_folder, begun=bool(history.begun(found)))
    show_notice(history)


def listing(found: Course, history: History) -> Group:
    """Every exercise with what was reached in it, and how many are passed."""
    attempts = history.begun(found)
    given_up = history.given_up()
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0), pad_edge=False)
    for _ in range(4):
        table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    part = ""
    for each in found.exercises:
        if each.part != part:
            part = each.part
            table.add_row("", "", "", "", Text(part, "bold"))
        tried = attempts.get(each.slug, [])
        table.add_row(*_row(each, tried), _title(each, seen=each.slug in given_up))
    title = Text(found.title, "bold")
    if not attempts:
        return Group(title, "", table)
    passed = sum(any(a.passed for a in tried) for tried in attempts.values())
    said = say("{passed} of {all} passed", passed=passed, all=len(found.exercises))
    legend = say("✓ passed  ~ begun  100 best score  1.2x its time against the reference's")
    return Group(title, Text(said), "", table, "", Text(legend, "dim"))


def _row(each: Exercise, tried: list[Attempt]) -> tuple[Text | str, ...]:
    """Mark, best score, its time against the reference's, number."""
    top = best(tried)
    if top is None:
        return Text(UNTRIED, "bright_black"), "", "", str(each.number)
    mark = Text(PASSED, "green") if top.passed else Text(BEGUN, "yellow")
    ratio = f"{top.ratio:.1f}x" if top.passed and top.ratio is not None else ""
    return mark, str(top.score), ratio, str(each.number)


def _title(each: Exercise, *, seen: bool) -> Text:
    note = ("  " + say("answer seen"), "yellow") if seen else ""
    return Text.assemble(each.title, (f"  {each.slug}", "dim"), note)


def _go_on(console: Console, found: Course, folder: Path | None, *, begun: bool) -> None:
    if found.is_installed:
        text = say("Have the stubs in a folder of your own: {command}", command=INIT)
    elif begun:
        text = say("Go on: {command}", command=command("next", folder))
    else:
        text = say("Begin: {command}", command=command("next", folder))
    console.print(Text(text, "cyan"))


def next_(course_folder: CourseFolder = None, _lang: Language = None) -> None:
    """Say which exercise is next, why, what it asks and what to type."""
    found = course.find(course_folder)
    history = History.of(found)
    is_graded = not elsewhere.is_graded_elsewhere(found)
    wanted = history.next_exercise(found) if is_graded else elsewhere.next_exercise(found)
    needed_by = wanted
    if wanted is not None:
        wanted = first_needed(wanted) or wanted
    console = Console()
    if wanted is None:
        _nothing_left(console, found, course_folder)
        show_notice(history)
        return
    heading = say("Next: {number}. {title}", number=wanted.number, title=wanted.title)
    console.print(Text(heading, "bold"))
    if is_graded:
        assert needed_by is not None
        why = _why(wanted, found, history)
        if wanted is not needed_by:
            why = say(
                "Exercise {number} imports your answer to it, which is still a stub.",
                number=needed_by.number,
            )
        console.print(Text(why, "dim"))
    console.print()
    console.print(Text(_first_lines(wanted, history, console.width)))
    console.print()
    number = wanted.number
    own = find_own_file(wanted)
    rows = [
        (say("Read all of it"), command(f"show {number}", course_folder)),
        (say("Write it in"), str(own)) if own else (say("Have its stub"), INIT),
        (say("Grade it"), command(f"exercise {number}", course_folder))
        if is_graded
        else (say("Have it graded"), say("the README says where to hand it in")),
    ]
    if wanted.hints:
        rows.append((say("If you are stuck"), command(f"hint {number}", course_folder)))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for what, how in rows:
        table.add_row(what, Text(how, "cyan"))
    console.print(table)
    show_notice(history)


def first_needed(wanted: Exercise) -> Exercise | None:
    """The first of the exercises whose answers the student's file for `wanted` imports that is
    still a stub; None where all that it needs is there."""
    own = wanted.own_file
    if not wanted.uses or own is None or own.suffix != ".py":
        return None
    try:
        carried = submission.read_with_modules(own, ()).modules
    except UsageError:
        return None
    sources = {module.name: module.source for module in carried}
    for each in wanted.uses:
        if each.stem in sources and is_untouched(sources[each.stem], each.unwritten):
            return each
    return None


def _nothing_left(console: Console, found: Course, folder: Path | None) -> None:
    if not found.exercises:
        console.print(Text(say("This course has no exercises yet.")))
        return
    if elsewhere.is_graded_elsewhere(found):
        console.print(Text(say("You have written something for every exercise.")))
        console.print(
            Text(say("It is graded where you hand it in; the README says where that is."))
        )
        return
    console.print(Text(say("You have passed all of it: {title}.", title=found.title), "green"))
    console.print(Text(say("Look back: {command}", command=command("progress", folder)), "cyan"))


def _why(wanted: Exercise, found: Course, history: History) -> str:
    """Why it is this one's turn."""
    tried = history.begun(found).get(wanted.slug, [])
    top = best(tried)
    if wanted.slug in history.given_up():
        return say("You have seen its answer. Now write it yourself: all others are passed.")
    if top is not None:
        return say(
            "You are at it: {score} of {most} points so far. Attempts: {count}.",
            score=top.score,
            most=top.max_score,
            count=len(tried),
        )
    order = list(found.exercises)
    slugs = [each.slug for each in order]
    last = next((a.slug for a in reversed(history.everything()) if a.slug in slugs), wanted.slug)
    before = order[slugs.index(last)]
    if last == wanted.slug:
        return say("You have not begun it yet.")
    if order.index(before) > order.index(wanted):
        return say("You have left it out.")
    return say(
        "You last worked on {number}. {title}; this is the next that is open.",
        number=before.number,
        title=before.title,
    )


def _first_lines(wanted: Exercise, history: History, width: int) -> str:
    """What the exercise is about: the beginning of its statement, without the title."""
    _title, _, text = statement.of(wanted, history.stub(wanted)).text.partition("\n")
    lines: list[str] = []
    for paragraph in fitted(text.strip("\n"), width).split("\n\n"):
        lines += [*paragraph.split("\n"), ""]
        if len(lines) > FIRST_LINES:
            break
    return "\n".join(lines[:-1])


def show(
    name: OptionalName = None,
    plot: Annotated[
        bool,
        typer.Option(
            "--plot", help="Draw what it shows instead: the reference's, and yours once it passes."
        ),
    ] = False,
    submission_path: SubmissionPath = None,
    course_folder: CourseFolder = None,
    _lang: Language = None,
) -> None:
    """Show the statement of an exercise, or with --plot what it is about."""
    found = course.find(course_folder)
    wanted = chosen(found, name)
    history = History.of(found)  # keeps the stubs, before anybody edits them
    if plot:
        if not wanted.has_answers:
            read = command(f"show {wanted.number}", course_folder)
            raise UsageError(
                say("What exercise {number} shows is drawn from its answer, which is not here.",
                    number=wanted.number),
                say("Read its statement again: {command}", command=read),
            )  # fmt: skip
        _plot(wanted, found.exercises, submission_path or path_in(name))
        return
    console = Console()
    console.print(Docstring(f"{statement.of(wanted, history.stub(wanted))}"))
    console.print()
    own = find_own_file(wanted)
    if own is None:
        where = say("Have the stubs in a folder of your own: {command}", command=INIT)
    else:
        where = say("Your file: {file}", file=own)
    console.print(Text(where, "cyan"))
    if wanted.has_answers:
        grade = command(f"exercise {wanted.number}", course_folder)
        said = say("Grade it: {command}", command=grade)
    else:
        said = say("It is graded where you hand it in; the README says where that is.")
    console.print(Text(said, "cyan"))
    if wanted.has_picture:
        draw = command(f"show {wanted.number} --plot", course_folder)
        console.print(Text(say("See it drawn: {command}", command=draw), "cyan"))


def _plot(wanted: Exercise, exercises: Sequence[Exercise], path: Path | None) -> None:
    from grader.judge.exhibit import exhibit

    path = path or find_own_file(wanted)
    found = None
    if path:
        found, _ = finding.read(path, wanted, exercises)
    drawn = exhibit(wanted, found)
    from grader.formats import picture

    picture.show(drawn, Console())


def hint(
    name: OptionalName = None,
    tier: Annotated[
        int | None,
        typer.Option(metavar="K", min=1, help="This one; they go from a nudge to the line."),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every one of them.")] = False,
    course_folder: CourseFolder = None,
    _lang: Language = None,
) -> None:
    """Give one hint more each time: on what failed last, and the gentlest first."""
    found = course.find(course_folder)
    wanted = chosen(found, name)
    history = History.of(found)
    console = Console()
    if name is None:  # which one that is
        title = say("Exercise {number}. {title}", number=wanted.number, title=wanted.title)
        console.print(Text(title, "dim"))
        console.print()
    if all_:
        tiers = list(range(1, len(wanted.hints) + 1))
    elif tier is not None:
        tiers = [_checked(wanted, tier, course_folder)]
    else:
        given = history.next_hint(wanted)
        tiers = [wanted.hints.index(given) + 1] if given else []
    if not tiers and wanted.hints:  # all are taken: they can be read again
        said = say("You have had all the hints of exercise {number}.", number=wanted.number)
        console.print(Text(said))
        console.print()
        tiers = list(range(1, len(wanted.hints) + 1))
    for each in tiers:
        history.take(wanted, each)
        heading = say("Hint {tier} of {count}", tier=each, count=len(wanted.hints))
        console.print(Text(heading, "bold"))
        console.print(prose(wanted.hints[each - 1].text))
        console.print()
    _after_hints(console, wanted, tiers, history, course_folder)
    show_notice(history)


def _checked(wanted: Exercise, tier: int, folder: Path | None) -> int:
    if tier > len(wanted.hints):
        show_it = command(f"show {wanted.number}", folder)
        raise UsageError(
            say("Exercise {number} has {n} hints.", number=wanted.number, n=len(wanted.hints)),
            say("Read its statement again: {command}", command=show_it),
        )
    return tier


def _after_hints(
    console: Console, wanted: Exercise, given: list[int], history: History, folder: Path | None
) -> None:
    """What to do after the hints `given`."""
    number, count, taken = wanted.number, len(wanted.hints), history.taken(wanted)
    again = command(f"hint {number}", folder)
    if not given:
        console.print(Text(say("Exercise {number} has no hints.", number=number)))
    if given and given[-1] not in taken and given[-1] < count:  # nothing can be remembered
        again = command(f"hint {number} --tier {given[-1] + 1}", folder)
    elif len(taken) == count:
        _after_the_last(console, wanted, history, folder)
        return
    console.print(Text(say("Still stuck? {command}", command=again), "cyan"))


def _after_the_last(
    console: Console, wanted: Exercise, history: History, folder: Path | None
) -> None:
    """What there is beside hints: the call that fails, and the answer."""
    number = wanted.number
    if not wanted.has_answers:  # it is graded elsewhere
        again = command(f"show {number}", folder)
        console.print(Text(say("Read its statement again: {command}", command=again), "cyan"))
        return
    solution = command(f"solution {number}", folder)
    if history.has_passed(wanted) or history.has_given_up(wanted):
        console.print(Text(say("The reference answer: {command}", command=solution), "cyan"))
        return
    debug = command(f"debug {number}", folder)
    text = say("Step through the call that fails: {command}", command=debug)
    console.print(Text(text, "cyan"))
    give_up = command(f"solution {number} --give-up", folder)
    console.print(Text(say("Or give up, which is remembered: {command}", command=give_up), "cyan"))
