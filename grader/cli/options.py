"""What several commands share: arguments, options, and where a student's file is."""

import os
import shlex
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from grader import language
from grader.course import model as course
from grader.course.model import Course, Exercise
from grader.errors import UsageError
from grader.judge.script import PREFIX
from grader.language import say
from grader.learner import elsewhere
from grader.learner.history import History
from grader.submission import naming
from grader.submission import text as submission
from grader.submission.text import SUFFIXES

INIT = "grade init my-exercises"


class Format(StrEnum):
    """How a report is written; each but the terminal's is a module of `grader.formats`."""

    TERMINAL = "terminal"
    JSON = "json"
    HTML = "html"
    MARKDOWN = "markdown"
    CSV = "csv"
    PROBLEMS = "problems"
    JUNIT = "junit"
    GITHUB = "github"
    GITHUB_CLASSROOM = "github-classroom"
    CLASSROOM50 = "classroom50"
    GRADESCOPE = "gradescope"
    PRAIRIELEARN = "prairielearn"


class Sheet(StrEnum):
    """Which other tables of grades are written."""

    CANVAS = "canvas"
    MOODLE = "moodle"


class Device(StrEnum):
    """Where the student's code computes."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"
    SIMULATED = "simulated"


def _speak(wanted: str | None) -> str | None:
    if wanted is not None:
        try:
            language.choose(wanted)
        except ValueError:
            raise UsageError(
                say("There is no language {name} here.", name=repr(wanted)),
                say("There are: {names}.", names=", ".join(language.available())),
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
        help="Its number, with or without leading zeros, its slug, or your file.",
        autocompletion=complete_exercise,
    ),
]
OptionalName = Annotated[
    str | None,
    typer.Argument(
        metavar="[EXERCISE]",
        help="Its number, its slug, or your file. Default: the one that you are at.",
        autocompletion=complete_exercise,
    ),
]
ExerciseNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[EXERCISE]...",
        help="The number or the slug of one, or its file; several for one report; `all` for all."
        " Default: the one that you are at.",
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
    Device,
    typer.Option(
        metavar="<auto|cpu|cuda|mps>",  # and `simulated`, for authors: docs/writing-exercises.md
        help="Where the code computes; auto takes the time on a GPU where there is one.",
    ),
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
CourseOfBook = Annotated[
    Path | None,
    typer.Option(
        "--course",
        metavar="FOLDER",
        help="The course, whose rules make the marks; by default that of the gradebook.",
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


def chosen(found: Course, name: str | None) -> Exercise:
    """The exercise of a number, a slug or a file; by default the one that is next.

    UsageError where there is none such.
    """
    if name is not None:
        return _of_file(found, name) or found.exercise(name)
    if elsewhere.is_graded_elsewhere(found):
        return next(reversed(elsewhere.written(found)), found.exercises[0])
    wanted = History.of(found).next_exercise(found)
    if wanted is None:
        if not found.exercises:
            raise UsageError(say("This course has no exercises yet."))
        raise UsageError(
            say("You have passed every exercise."),
            say("Name the one that you mean, by its number."),
        )
    return wanted


def path_in(name: str | None) -> Path | None:
    """The file that an exercise was named by, if it was."""
    if name is None or not _is_path(name) or not Path(name).is_file():
        return None
    path = Path(name)
    if path.suffix == ".py" and path.stem.startswith(PREFIX):  # an editor shows the script
        own = path.with_name(path.name.removeprefix(PREFIX))
        return own if own.is_file() else path
    return path


def _is_path(name: str) -> bool:
    return "/" in name or os.sep in name or Path(name).suffix.lower() in SUFFIXES


def _of_file(found: Course, name: str) -> Exercise | None:
    """The exercise that a file answers, by its name or by its functions; None where `name` is no
    file's."""
    path = path_in(name)
    if path is None:
        if os.sep in name or "/" in name:
            raise UsageError(say("There is nothing at {path}.", path=name))
        return None

    def text() -> str:
        return submission.read(path).whole

    slugs = naming.told_by(path.name, text, found.exercises)
    answered = [each for each in found.exercises if each.slug in slugs]
    if len(answered) != 1:
        problem = (
            say("{path} answers several exercises.", path=name)
            if answered
            else say("{path} tells no exercise of this course.", path=name)
        )
        raise UsageError(problem, say("Name the one that you mean, by its number."))
    return answered[0]


def find_own_file(wanted: course.Exercise) -> Path | None:
    """The student's file: in a course of theirs its stub, beside them where it is the bundled.

    None where there is none; the stub of an installed wheel is nobody's.
    """
    if wanted.workspace == course.bundled():
        for suffix in (".py", ".ipynb"):
            here = Path.cwd() / f"{wanted.stem}{suffix}"
            if here.is_file():
                return here
    found = wanted.own_file
    return short(found) if found and not wanted.is_installed else None


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
        raise UsageError(
            say("{file} is a folder.", file=output), say("Name a file for the report.")
        )
    if not output.absolute().parent.is_dir():
        raise UsageError(
            say("There is no folder {folder}.", folder=output.parent),
            say("Create it, or name another file."),
        )


def counted(count: int, what: str) -> str:
    """So many of something, such as `1 line` and `2 lines`."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def short(path: Path) -> Path:
    """The path as seen from here, where it is below."""
    try:
        return path.absolute().relative_to(Path.cwd())
    except ValueError:
        return path
