"""`grade release`: what a teacher gives out."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from grader import __version__
from grader.cli.options import CourseFolder, Language, complete_exercise, counted, short
from grader.course import model as course
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.classroom.given_out.hints import Hints


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
        list[str] | None,
        typer.Option(
            metavar="K",
            help="How many hints of each exercise students get: a number, all, or none; N=K says it"
            " of exercise N, and may be given again. Default: those before the first that holds a"
            " piece of the answers.",
        ),
    ] = None,
    no_hints: Annotated[bool, typer.Option("--no-hints", help="The same as --hints none.")] = False,
    grader: Annotated[
        str | None,
        typer.Option(
            metavar="REQUIREMENT",
            help="What pip installs the grader from, such as git+https://...; default: a wheel"
            " without answers that comes along.",
        ),
    ] = None,
    course_folder: CourseFolder = None,
    _lang: Language = None,
) -> None:
    """Write what you give out: to students all but the answers, to yourself what grades with them.

    Nothing is written where a piece of the answers would be among the students' files, but for
    hints that you ask for. Students read it in the language that is spoken: --lang.
    """
    if grader is not None:
        _check_requirement(grader)
    found = course.find(course_folder).original
    chosen = {each.number for each in found.named(names or ())}
    exercises = [each for each in found.exercises if each.number in chosen or not chosen]
    if not exercises:
        raise UsageError("This course has no exercises yet.", "Begin one: grade new SLUG")
    from grader.classroom.given_out.release import NOTEBOOKS, STUDENTS, TEACHER, Release, write

    most, of_one = _how_many(["none"] if no_hints else hints or (), found)
    wanted = Release(found, exercises, title or found.title, most, of_one, grader)
    wanted.check_packages()
    for each in exercises:
        each.require_answers()
    if wanted.at_home and (of_one or most is not None):
        raise UsageError(
            "The hints come with the grader, all of them, as the answers do.",
            "Leave --hints out, or leave --grader out: then students get what you give them.",
        )
    parts = write(wanted, folder)
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"{counted(len(exercises), 'exercise')}, and nothing of their answers:")
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
    if not wanted.at_home:
        _show_hints(console, wanted.looked_through)


def _show_hints(console: Console, looked_through: "Sequence[Hints]") -> None:
    """How many hints of each exercise are given out, and what was found in them."""
    console.print()
    telling = sum(bool(each.told) for each in looked_through)
    console.print(
        f"Hints, of which {telling} of {len(looked_through)} exercises have telling ones:"
    )
    for each in looked_through:
        colour = "yellow" if each.is_telling else ""
        console.print(Text(f"  {each.exercise.number:>2}. {each}", colour))
    if telling:
        advice = "--hints 2 gives out the first two of each, --hints 3=4 four of exercise 3."
        console.print(Text(advice, "cyan"))


def _how_many(hints: "Sequence[str]", found: course.Course) -> tuple[int | None, dict[str, int]]:
    """What `--hints` asks for, of all exercises and by slug of some. UsageError where that is no
    number of hints."""
    words = {"none": 0, "all": sys.maxsize}
    of_all, of_one = None, {}
    for each in hints:
        name, _, number = each.rpartition("=")
        if number not in words and not number.isdecimal():
            raise UsageError(
                f"--hints {each!r} is no number of hints.",
                "Write a number, all, or none; of exercise 3 alone: 3=2",
            )
        count = words[number] if number in words else int(number)
        if name:
            of_one[found.exercise(name).slug] = count
        else:
            of_all = count
    return of_all, of_one


def _check_requirement(text: str) -> None:
    if "\n" in text or not text.strip() or text.startswith("-"):
        raise UsageError(f"--grader {text!r} is no requirement.", "Write what follows pip install.")
    if re.fullmatch(r"grader?\s*([=<>~!].*)?", text.strip(), re.IGNORECASE):
        raise UsageError(
            f"pip would install another program: that name on PyPI is not grade {__version__}.",
            "Name where yours is: a git+https:// address, or that of a wheel.",
        )
