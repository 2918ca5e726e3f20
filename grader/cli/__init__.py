"""The command line. Commands parse, call, print; torch is imported only to grade."""

import ast
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from typer.main import get_command

from grader import __version__, language
from grader.cli import (
    author,
    debug,
    exercise,
    exports,
    gradebook,
    helping,
    learn,
    machine,
    notebooks,
    progress,
    release,
    similar,
    streams,
    teach,
    tutoring,
    watch,
    workspace,
)
from grader.cli.options import Language
from grader.errors import ExitCode, UsageError
from grader.judge.processes.origin import give_up
from grader.language import say
from grader.report import clean

LEARN = "Learn"
TEACH = "Teach a class"
AUTHOR = "Write a course"
MACHINE = "This machine"

app = typer.Typer(
    name="grade",
    help="Grade deep-learning exercises, in plain words, on the smallest input that fails.",
    epilog="To learn, begin with: grade next",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": helping.HELP},
)


def documentation(function: Callable[..., None]) -> str:
    """A function's docstring; from its source, where Python was told to leave docstrings out."""
    text = function.__doc__
    if text is None:
        source = Path(function.__code__.co_filename).read_text(encoding="utf-8")
        text = next(
            (
                ast.get_docstring(node)
                for node in ast.parse(source).body
                if isinstance(node, ast.FunctionDef) and node.name == function.__name__
            ),
            None,
        )
    return inspect.cleandoc(text or "")


def _add(panel: str, command: Callable[..., None], name: str | None = None) -> None:
    """Make `command` one of the program's; its docstring is its help."""
    app.command(name, rich_help_panel=panel, help=documentation(command))(command)


def _add_group(name: str, what: str, commands: Mapping[str, Callable[..., None]]) -> None:
    """Make several commands of a teacher's one's."""
    group = typer.Typer(no_args_is_help=True, help=what)
    for own, command in commands.items():
        group.command(own, help=documentation(command))(command)
    app.add_typer(group, name=name, rich_help_panel=TEACH)


_add(LEARN, exercise.exercise)
_add(LEARN, debug.debug)
_add(LEARN, watch.watch)
_add(LEARN, learn.list_, "list")
_add(LEARN, learn.next_, "next")
_add(LEARN, learn.show)
_add(LEARN, learn.hint)
_add(LEARN, workspace.solution)
_add(LEARN, workspace.reset)
_add(LEARN, progress.progress)
_add(LEARN, workspace.init)
_add(LEARN, notebooks.notebook)
_add(LEARN, tutoring.mcp)
_add(TEACH, release.release)
_add(TEACH, teach.class_, "class")
_add(TEACH, similar.similar)
_add(TEACH, notebooks.feedback)
_add(TEACH, gradebook.mark)
_add(TEACH, gradebook.extend)
_add(TEACH, gradebook.history)
_add_group("student", "Rename, merge, drop students; put them in teams.", gradebook.STUDENT)
_add_group(
    "gradebook",
    "Publish, hand over, upgrade, back up or check a gradebook.",
    {"publish": gradebook.publish, **exports.EXPORTS, **gradebook.GRADEBOOK},
)
_add(AUTHOR, author.validate)
_add(AUTHOR, author.strength)
_add(AUTHOR, author.new)
_add(MACHINE, machine.doctor)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"grade {__version__}")
        raise typer.Exit


@app.callback()
def _grade(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print it and leave."),
    ] = False,
    lang: Language = None,
) -> None:
    del version
    if lang is None:
        language.use(_spoken())


def _spoken() -> str:
    """What to speak to who has chosen nothing, who is better off with English than with question
    marks."""
    own = helping.of_workspace() or language.from_environment()
    is_shown = own == language.ENGLISH or streams.can_show(
        "".join(language.catalogue(own).values())
    )
    return own if is_shown else language.ENGLISH


def main() -> NoReturn:
    """The `grade` program."""
    streams.prepare()
    code: int = ExitCode.FULL_MARKS
    refusal: UsageError | None = None
    try:
        language.use(helping.asked_for(sys.argv[1:]) or _spoken())
        command = get_command(app)
        helping.speak(command)
        helping.join_lines(command)
        command(prog_name="grade")
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else ExitCode.USAGE
    except UsageError as error:
        refusal = error
    except OSError as error:  # what the command itself has no better word for
        file, reason = error.filename or say("A file"), error.strerror or error
        refusal = UsageError(say("{file} cannot be used: {reason}.", file=file, reason=reason))
    except KeyboardInterrupt:
        code = 130
    try:
        sys.stdout.flush()
    except UsageError as error:
        refusal = refusal or error
    if refusal is not None:
        code = ExitCode.USAGE
    _say_on_error(refusal)
    give_up()
    # Nothing is left to do, and torch takes a quarter of a second to take itself down.
    os._exit(code)


def _say_on_error(refusal: UsageError | None) -> None:
    """Say why a command did not do what it should, and what its output lacks."""
    console = Console(stderr=True, soft_wrap=True, markup=False, emoji=False, highlight=False)
    if refusal is not None:
        console.print(clean("grade: " + refusal.problem), style="red")  # files' names are students'
        if refusal.advice:
            console.print(clean(refusal.advice))
    if encoding := streams.lost():
        text = say(
            "A ? may stand for a character that {encoding} lacks; PYTHONIOENCODING=utf-8 shows it.",
            encoding=encoding,
        )
        console.print(text, style="dim")
    sys.stderr.flush()
