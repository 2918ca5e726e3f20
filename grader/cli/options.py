"""What several commands share: arguments, options, and where a student's file is."""

import shlex
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from grader import language
from grader.course import model as course
from grader.errors import UsageError
from grader.language import say
from grader.learner.history import History

INIT = "grade init my-exercises"


class Format(StrEnum):
    """How a report is written; each but the terminal's is a module of `grader.formats`."""

    TERMINAL = "terminal"
    JSON = "json"
    HTML = "html"
    MARKDOWN = "markdown"
    CSV = "csv"
    JUNIT = "junit"
    GITHUB = "github"
    GITHUB_CLASSROOM = "github-classroom"
    CLASSROOM50 = "classroom50"
    GRADESCOPE = "gradescope"
    PRAIRIELEARN = "prairielearn"


class Device(StrEnum):
    """Where the student's code computes."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


def _speak(wanted: str | None) -> str | None:
    if wanted is not None:
        try:
            language.use(wanted)
        except ValueError:
            raise UsageError(
                f"There is no language {wanted!r} here.",
                f"There are: {', '.join(language.available())}.",
            ) from None
    return wanted


def complete_exercise(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """The names of exercises that begin so, for the shell."""
    language.use(language.from_environment())
    folder = context.params.get("course_folder")  # a str or a Path, as typer's version has it
    try:
        exercises = course.find(folder and Path(folder)).exercises
    except UsageError:
        return []
    names = [(str(e.number), e.title) for e in exercises] + [(e.slug, e.title) for e in exercises]
    return [(name, title) for name, title in names if name.startswith(incomplete)]


def complete_property(context: typer.Context, incomplete: str) -> list[str]:
    """The names of properties that begin so, for the shell."""
    folder = context.params.get("course_folder")
    try:
        found = course.find(folder and Path(folder))
        names = [found.exercise(each) for each in context.params.get("names") or ()]
        return [n for each in names for n in each.property_names if n.startswith(incomplete)]
    except (UsageError, OSError):  # what students are given has no properties
        return []


ExerciseName = Annotated[
    str,
    typer.Argument(
        metavar="EXERCISE",
        help="Its number, with or without leading zeros, or its slug.",
        autocompletion=complete_exercise,
    ),
]
ExerciseNames = Annotated[
    list[str],
    typer.Argument(
        metavar="EXERCISE",
        help="The number or the slug of one, or of several for one report; `all` for all.",
        autocompletion=complete_exercise,
    ),
]
SubmissionPath = Annotated[
    Path | None,
    typer.Option(
        "--submission",
        "-s",
        metavar="PATH",
        help="A .py, an .ipynb, or a folder with one of the right name. Default: your file in"
        " the course.",
    ),
]
Seed = Annotated[
    int | None, typer.Option(metavar="S", help="Draw other inputs than the usual ones.")
]
DeviceName = Annotated[
    Device, typer.Option(help="Where the code computes; auto takes a GPU where there is one.")
]
NoSpeed = Annotated[bool, typer.Option("--no-speed", help="Leave the running time out.")]
RequireSandbox = Annotated[
    bool,
    typer.Option(
        "--require-sandbox", help="Refuse where this system lacks a wall; see grade doctor."
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", "-j", metavar="J", min=1, help="How many at a time; default: cores."),
]
CourseFolder = Annotated[
    Path | None,
    typer.Option(
        "--course",
        metavar="FOLDER",
        help="The course; by default the nearest above the working directory, or the bundled one.",
    ),
]
Language = Annotated[
    str | None,
    typer.Option(
        "--lang",
        metavar="LANG",
        callback=_speak,
        is_eager=True,
        help="What to speak: en, zh. Default: your locale's language where it is one of them.",
    ),
]


def find_own_file(wanted: course.Exercise) -> Path | None:
    """The student's file: in a course of theirs its stub, beside them where it is the bundled.

    None where there is none; the stub of an installed wheel is nobody's.
    """
    if wanted.workspace == course.bundled():
        for suffix in (".py", ".ipynb"):
            here = Path.cwd() / f"{wanted.stem}{suffix}"
            if here.is_file():
                return here
    return short(wanted.stub) if wanted.stub.is_file() and not wanted.is_installed else None


def own_file(wanted: course.Exercise) -> Path:
    """The student's file; UsageError where there is none, with the way to get one."""
    found = find_own_file(wanted)
    if found is None and wanted.is_installed:
        raise UsageError(
            say("There is no {file} here.", file=wanted.stub.name),
            say("Have the stubs in a folder of your own: {command}", command=INIT),
        )
    if found is None:
        raise UsageError(
            say("Your file {file} is missing.", file=short(wanted.stub)),
            say("Bring its stub back: {command}", command=f"grade reset {wanted.number}"),
        )
    return found


def command(words: str, course_folder: Path | None) -> str:
    """What to type for `grade WORDS` in the course that this command was told to use."""
    option = f" --course {shlex.quote(str(course_folder))}" if course_folder else ""
    return f"grade {words}{option}"


def show_notice(history: History) -> None:
    """Say what is the matter with the history, if anything is."""
    if history.notice:
        console = Console(stderr=True, soft_wrap=True)
        console.print(history.notice, style="yellow", markup=False, highlight=False)


def check_output(output: Path) -> None:
    """Say that a report cannot be written before the time is spent on it."""
    if output.is_dir():
        raise UsageError(f"{output} is a folder.", "Name a file for the report.")
    if not output.absolute().parent.is_dir():
        raise UsageError(f"There is no folder {output.parent}.", "Create it, or name another file.")


def short(path: Path) -> Path:
    """The path as seen from here, where it is below."""
    try:
        return path.absolute().relative_to(Path.cwd())
    except ValueError:
        return path
