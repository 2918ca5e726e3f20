"""`grade notebook` and `grade feedback`: exercises as a notebook, and results in one."""

import contextlib
import os
import re
import shlex
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from grader import language
from grader.cli.options import (
    CourseFolder,
    Device,
    DeviceName,
    Language,
    NoSpeed,
    RequireSandbox,
    Seed,
    check_output,
    complete_exercise,
)
from grader.course import model as course
from grader.course.model import Course, Exercise
from grader.course.stubs import pristine
from grader.errors import UsageError
from grader.language import say
from grader.learner.elsewhere import is_graded_elsewhere
from grader.learner.history import History
from grader.learner.workspace import no_stub
from grader.report import Report
from grader.submission import limited
from grader.submission import text as submission
from grader.submission.notebook.cells import code_cells
from grader.submission.notebook.program import answers
from grader.submission.text import Submission
from grader.writing import put, unwritable

if TYPE_CHECKING:
    from grader.judge.processes.workers import Forkserver

NotebookFile = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE", help="The notebook to write: an .ipynb.")
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite what is there.")]


def notebook(
    output: NotebookFile,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[EXERCISE]...", autocompletion=complete_exercise),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every exercise of the course.")] = False,
    each: Annotated[
        bool,
        typer.Option(
            "--each", help="A notebook for each exercise, in the folder that --output names."
        ),
    ] = False,
    repository: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="The git repository that the notebook installs the grader from where its kernel"
            " has none; on GitHub it gets a badge that opens it in Colab.",
        ),
    ] = "",
    force: Force = False,
    course_folder: CourseFolder = None,
    _lang: Language = None,
) -> None:
    """Write exercises as a notebook: statements, a cell for each answer, a cell that grades it."""
    found = course.find(course_folder)
    if bool(names) is all_:
        raise UsageError(
            say("Which exercises?"),
            say("Name them, for example `grade notebook 3 5 --output FILE`, or say --all."),
        )
    chosen = found.named(names) if names else found.exercises
    if not chosen:
        raise UsageError(say("{file} lists no exercises.", file=found.folder / course.COURSE_FILE))
    files = (
        {output / f"{one.stem}.ipynb": [one] for one in chosen} if each else {output: list(chosen)}
    )
    if each:
        _make_folder(output)
    for path in files:
        _check_notebook(path, force=force)
    _check_repository(repository)
    from grader.notebook.build import build

    history = History.of(found)
    stubs = {each: _stub(each, history) for each in chosen}
    grades = not is_graded_elsewhere(found)
    # In a kernel that installs the program there is no course but the one that comes with it.
    options = partial(_options, found) if not repository else _spoken
    for path, own in files.items():
        text = build(
            found.title,
            {one: stubs[one] for one in own},
            options(path),
            grades=grades,
            repository=repository,
            name=path.name,
        )
        put(path, text)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    if each:
        console.print(say("wrote {n} notebooks into {folder}", n=len(files), folder=output))
    else:
        console.print(say("wrote {file}", file=output))
    console.print(say("Open it in Jupyter or VS Code; it says how to go on."), style="cyan")


def feedback(
    path: Annotated[Path, typer.Argument(metavar="SUBMISSION", help="A student's notebook.")],
    output: NotebookFile,
    force: Force = False,
    no_speed: NoSpeed = False,
    seed: Seed = None,
    device: DeviceName = Device.AUTO,
    require_sandbox: RequireSandbox = False,
    course_folder: CourseFolder = None,
    _lang: Language = None,
) -> None:
    """Write a student's notebook with the result under each answer, whatever it scores.

    Every exercise is graded that the notebook has functions of. The student's
    cells stay as they are; feedback from before is replaced.
    """
    found = course.find(course_folder)
    _check_notebook(output, force=force)
    text, answered = _answered(path, found)
    for exercise in answered:
        exercise.require_answers()
    from grader.judge.prove.jobs import each
    from grader.notebook.feedback import with_feedback

    names = {exercise.number: name for exercise, name in answered.items()}
    options = {
        "seed": seed,
        "device": device.value,
        "speed": not no_speed,
        "require_sandbox": require_sandbox,
    }
    console = Console(soft_wrap=True, highlight=False, markup=False)
    reports = defaultdict(list)
    parsed = submission.parse(path, text.encode()).with_modules(
        submission.in_folder(path.parent), [package.module for package in found.packages]
    )
    for report in each(partial(_graded, parsed, options), list(answered)):
        reports[names[report.number]].append(report)
        points = f"{report.score:>4} / {report.max_score}"
        console.print(f"{points}  {report.number:>2}. {report.title}")
    put(output, _within_limits(path, with_feedback, path, text, dict(reports)))
    console.print(say("wrote {file}", file=output))


def _within_limits(path: Path, function: Callable[..., Any], *arguments: Any) -> Any:
    """What `limited.ask` gives; UsageError where the notebook at `path` takes too much."""
    try:
        return limited.ask(function, *arguments)
    except limited.TakesTooMuch:
        raise UsageError(
            say("{path} takes too long to read.", path=path),
            say("Keep only the exercises' code."),
        ) from None


def _names(path: Path, text: str, found: Course) -> dict[str, str]:
    """The exercises that a notebook answers, by slug, each with the name of the cell."""
    cells = answers(path, code_cells(path, text), found)
    return {exercise.slug: cell.name for exercise, cell in cells.items()}


def _answered(path: Path, found: Course) -> tuple[str, dict[Exercise, str]]:
    """The text of a notebook, and the exercises that it answers, each with the cell's name."""
    if path.suffix.lower() != ".ipynb":
        raise UsageError(
            say("{file} is no notebook.", file=path),
            say("Grade a Python file with `grade exercise N --submission FILE`."),
        )
    data = submission.contents(path)
    names = _within_limits(path, _names, path, submission.decoded(path, data), found)
    answered = {found.exercise(slug): name for slug, name in names.items()}
    if not answered:
        raise UsageError(
            say("{file} defines no function that an exercise of this course asks for.", file=path),
            say("`grade list` shows the exercises; name another course with --course FOLDER."),
        )
    return data.decode("utf-8-sig"), answered


def _graded(
    found: Submission, options: dict[str, Any], exercise: Exercise, forkserver: "Forkserver"
) -> Report:
    from grader.judge.grading import grade

    return grade(exercise, found, forkserver=forkserver, **options)


def _stub(exercise: Exercise, history: History) -> str:
    """The stub as its author wrote it, also where a learner has written in it since."""
    text = pristine(exercise, history.stub(exercise))
    if text is None:
        raise no_stub(exercise)
    return text


def _check_notebook(output: Path, *, force: bool) -> None:
    check_output(output)
    if output.suffix.lower() != ".ipynb":
        raise UsageError(
            say("{file} is no name for a notebook.", file=output),
            say("It should end in .ipynb."),
        )
    if output.exists() and not force:
        raise UsageError(
            say("{file} is there already, and was left as it is.", file=output),
            say("Name another file, or say --force to overwrite it."),
        )


def _options(found: Course, output: Path) -> str:
    """What `%grade` must be told to find the course from the folder of the notebook, and to speak
    its language."""
    options = ""
    home = output.absolute().parent
    if not _is_found_from(home, found):
        options += f" --course {shlex.quote(os.path.relpath(found.folder, home))}"
    return options + _spoken(output)


def _spoken(_output: Path) -> str:
    """What `%grade` must be told to speak the language in use."""
    spoken = language.current()
    return "" if spoken == language.ENGLISH else f" --lang {spoken}"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from None


def _check_repository(address: str) -> None:
    """UsageError where `address` is none that pip's git takes, or would be more than an address in
    the cell that installs."""
    if address and not re.fullmatch(r"(https|ssh|file)://[^\s\"'`$;|&<>\\]+", address):
        raise UsageError(
            say("{address} is no address of a git repository.", address=repr(address)),
            say("It looks like https://github.com/OWNER/REPOSITORY"),
        )


def _is_found_from(home: Path, found: Course) -> bool:
    folder = found.folder.absolute()
    with contextlib.chdir(home), contextlib.suppress(UsageError):
        return course.find().folder.samefile(folder)
    return False
