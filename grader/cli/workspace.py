"""The commands around a learner's files: begin a workspace, go back to a stub, see the answer."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from grader.cli.options import (
    INIT,
    CourseFolder,
    ExerciseName,
    Language,
    chosen,
    command,
    own_file,
    short,
    show_notice,
)
from grader.course import model as course
from grader.course import stubs
from grader.errors import ExitCode, UsageError
from grader.language import say
from grader.learner import workspace
from grader.learner.history import History

MOST_COMMANDS = 3  # of one kind that a line names


def init(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="A folder, new or without stubs.")
    ] = None,
    update: Annotated[
        bool,
        typer.Option(
            "--update",
            help="Bring a workspace up to its course, by default the one you are in: new stubs, and"
            " those that you have not touched. What you wrote stays as it is.",
        ),
    ] = False,
    for_editor: Annotated[
        bool,
        typer.Option(
            "--vscode/--no-vscode", help="Tasks, debugging and settings for Visual Studio Code."
        ),
    ] = True,
    course_folder: CourseFolder = None,
    _lang: Language = None,
) -> None:
    """Begin a workspace: a folder with the stubs of the course, for you to edit."""
    console = Console(soft_wrap=True)
    if update:
        if course_folder is not None:
            raise UsageError(
                say("A workspace knows its course: --course does not go with --update."),
                say("Leave it out."),
            )
        place = folder or course.around() or Path()
        _show_update(console, workspace.update(place, for_editor=for_editor))
        return
    if folder is None:
        raise UsageError(
            say("It is not said where to put the stubs."),
            say("Name a folder: {command}", command=INIT),
        )
    written = workspace.create(course.find(course_folder), folder, for_editor=for_editor)
    shown = short(written[0].parent) if written else folder
    console.print(Text(say("{n} stubs are in {folder}.", n=len(written), folder=shown)))
    there = "" if folder.resolve() == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    console.print(Text(say("Begin: {command}", command=f"{there}grade next"), "cyan"))


def _show_update(console: Console, done: workspace.Updated) -> None:
    """Say what became of the stubs, and what a learner may want to do about the others."""

    def told(sentence: str, numbers: list[str], advice: str = "") -> None:
        if numbers:
            space = "" if sentence.endswith("：") else " "
            console.print(Text(f"{sentence}{space}{', '.join(numbers)}"))
            if advice:
                console.print(Text(f"  {advice}", "cyan"))

    told(say("New:"), [path.name for path in done.new])
    told(say("Brought up to date, since you had not touched it:"), [p.name for p in done.renewed])
    told(
        say("Changed in the course, and left as you have it:"),
        [each.stub.name for each in done.left],
        say("Read what is asked today: {command}", command=_each("show", done.left)),
    )
    told(
        say("Removed by you, and not brought back:"),
        [each.stub.name for each in done.removed],
        say("To have it back: {command}", command=_each("reset", done.removed)),
    )
    told(say("Not in the course any more, and left as you have it:"), [p.name for p in done.gone])
    if not any((done.new, done.renewed, done.left, done.removed, done.gone)):
        console.print(Text(say("There is nothing new.")))


def _each(verb: str, exercises: Sequence[course.Exercise]) -> str:
    """The command for each of them; of many, for the first ones."""
    shown = ", ".join(f"grade {verb} {each.number}" for each in exercises[:MOST_COMMANDS])
    return shown + ", ..." * (len(exercises) > MOST_COMMANDS)


def reset(name: ExerciseName, course_folder: CourseFolder = None, _lang: Language = None) -> None:
    """Go back to the stub of an exercise; what you wrote is kept beside it."""
    found = course.find(course_folder)
    wanted = chosen(found, name)
    history = History.of(found)
    missing = not (wanted.is_installed or wanted.own_file)
    own = short(wanted.stub) if missing else own_file(wanted)
    if own.suffix != ".py":
        anew = command(f"notebook {wanted.number} --output FILE.ipynb", course_folder)
        raise UsageError(
            say("{file} is a notebook, and has no stub.", file=own),
            say("Have a new one: {command}", command=anew),
        )
    in_place = wanted.stub == wanted.original_stub
    stub = stubs.pristine(wanted, history.stub(wanted), is_edited=in_place)
    if stub is None:
        raise workspace.no_stub(wanted)
    if not in_place:
        stub = stubs.translated(wanted, stub)
    existed = own.exists()
    kept = workspace.reset(own, stub)
    console = Console(soft_wrap=True)
    if kept:
        console.print(Text(say("What you wrote is kept as {file}.", file=kept)))
    if kept or not existed:
        console.print(Text(say("The stub is back in {file}.", file=own)))
    else:
        console.print(Text(say("{file} is untouched.", file=own)))
    show = command(f"show {wanted.number}", course_folder)
    console.print(Text(say("Read what it asks: {command}", command=show), "cyan"))
    show_notice(history)


def solution(
    name: ExerciseName,
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Show it before you have passed; that is remembered.")
    ] = False,
    course_folder: CourseFolder = None,
    _lang: Language = None,
) -> None:
    """Show the reference answer, once you have passed or where you give up.

    The answer goes to standard output, all else to standard error. Exit code 1 where it is not
    shown.
    """
    found = course.find(course_folder)
    wanted = chosen(found, name)
    history = History.of(found)
    if not wanted.has_answers:
        hint = command(f"hint {wanted.number}", course_folder)
        raise UsageError(
            say("This course has no answers: that to exercise {number} is with your teacher.",
                number=wanted.number),
            say("Take a hint: {command}", command=hint) if wanted.hints else "",
        )  # fmt: skip
    beside = Console(stderr=True)
    passed = history.has_passed(wanted)
    if give_up and not passed:
        history.give_up(wanted)
    if not (passed or give_up or history.has_given_up(wanted)):
        _refuse(beside, wanted, course_folder)
        show_notice(history)
        raise typer.Exit(ExitCode.LESS)
    _show_reference(wanted)
    others = sorted((wanted.room / "right").glob("*.py"))
    if others:
        beside.print()
        beside.print(Text(say("Other right answers:"), "bold"))
        for other in others:
            beside.print(Text(f"  {short(other)}"), soft_wrap=True)
    beside.print()
    go_on = command("next" if passed else f"exercise {wanted.number}", course_folder)
    text = (
        say("Go on: {command}", command=go_on)
        if passed
        else say("Close it, write it yourself, then: {command}", command=go_on)
    )
    beside.print(Text(text, "cyan"))
    show_notice(history)


def _show_reference(wanted: course.Exercise) -> None:
    path = wanted.room / "reference.py"
    try:
        source = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(
            say("{file} cannot be read: {reason}.", file=path, reason=error.strerror or error)
        ) from None
    from rich.syntax import Syntax  # slow to import

    highlighted = Syntax("", "python", theme="ansi_light").highlight(source)
    highlighted.rstrip()
    Console().print(highlighted, soft_wrap=True)


def _refuse(console: Console, wanted: course.Exercise, folder: Path | None) -> None:
    """Say when the answer will be shown, and what helps until then."""
    number = wanted.number
    said = say("The answer to exercise {number} is shown once you have passed it.", number=number)
    console.print(Text(said))
    grade, hint, give_up = (
        command(words, folder)
        for words in (f"exercise {number}", f"hint {number}", f"solution {number} --give-up")
    )
    console.print(Text(say("Grade yours: {command}", command=grade), "cyan"))
    console.print(Text(say("Take a hint: {command}", command=hint), "cyan"))
    console.print(Text(say("Or give up, which is remembered: {command}", command=give_up), "cyan"))
