"""`grade release`: what a teacher gives out."""

import re
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from grader import __version__
from grader.cli.options import CourseFolder, complete_exercise, short
from grader.course import model as course
from grader.errors import UsageError


def release(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder, new or empty.")],
    names: Annotated[
        list[str] | None,
        typer.Option(
            "--exercise",
            "-e",
            metavar="N",
            help="Give out this exercise; may be given again. Default: all.",
            autocompletion=complete_exercise,
        ),
    ] = None,
    title: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What students read at the top.")
    ] = None,
    hints: Annotated[
        bool, typer.Option("--hints/--no-hints", help="Whether students get the hints.")
    ] = True,
    grader: Annotated[
        str | None,
        typer.Option(
            metavar="REQUIREMENT",
            help="What pip installs the grader from, such as git+https://...; default: a wheel"
            " without answers that comes along.",
        ),
    ] = None,
    course_folder: CourseFolder = None,
) -> None:
    """Write what you give out: to students all but the answers, to yourself what grades with them.

    Nothing is written where a piece of the answers would be among the students' files.
    """
    if grader is not None:
        _check_requirement(grader)
    found = course.find(course_folder).original
    chosen = {found.exercise(name).number for name in names or ()}
    exercises = [each for each in found.exercises if each.number in chosen or not chosen]
    if not exercises:
        raise UsageError("This course has no exercises yet.", "Begin one: grade new SLUG")
    from grader.classroom.given_out.release import NOTEBOOKS, STUDENTS, TEACHER, Release, write

    wanted = Release(found, exercises, title or found.title, hints=hints, grader=grader)
    parts = write(wanted, folder)
    console = Console(soft_wrap=True, highlight=False)
    count = f"{len(exercises)} exercise{'s' if len(exercises) > 1 else ''}"
    console.print(f"{count}, and nothing of their answers:")
    rows = [
        (STUDENTS, "green", "for students"),
        (NOTEBOOKS, "green", "for students, if they are to write in notebooks"),
        (
            TEACHER,
            "yellow",
            "the answers, for you alone; README.md there says what to do with them",
        ),
    ]
    for name, colour, what in rows:
        console.print(Text(f"  {short(folder / name)}", colour))
        console.print(f"    {len(parts[name])} files: {what}")


def _check_requirement(text: str) -> None:
    if "\n" in text or not text.strip() or text.startswith("-"):
        raise UsageError(f"--grader {text!r} is no requirement.", "Write what follows pip install.")
    if re.fullmatch(r"grade\s*([=<>~!].*)?", text.strip(), re.IGNORECASE):
        raise UsageError(
            f"pip would install another program: `grade` on PyPI is not grade {__version__}.",
            "Name where yours is: a git+https:// address, or that of a wheel.",
        )
