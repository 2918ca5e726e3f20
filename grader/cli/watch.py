"""`grade watch`: grade a file each time that it is saved."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from grader.cli import learn
from grader.cli.options import (
    CourseFolder,
    Device,
    DeviceName,
    Language,
    NoSpeed,
    OptionalName,
    SubmissionPath,
    chosen,
    command,
    find_own_file,
    own_file,
    path_in,
    short,
)
from grader.course import model as course
from grader.course.model import Exercise
from grader.errors import UsageError
from grader.formats.docstring import Docstring
from grader.language import say
from grader.learner import elsewhere, statement
from grader.learner.history import History
from grader.submission import finding


def watch(
    name: OptionalName = None,
    submission_path: SubmissionPath = None,
    poll: Annotated[
        bool,
        typer.Option(
            "--poll", help="Look at the file ten times a second, where the system tells no saves."
        ),
    ] = False,
    device: DeviceName = Device.AUTO,
    no_speed: NoSpeed = False,
    course_folder: CourseFolder = None,
    _lang: Language = None,
) -> None:
    """Grade your file each time that you save it.

    Begins with the exercise that is next, goes on to another when you say so, and shows hints and
    statements at the press of a key.
    """
    found = course.find(course_folder)
    first = chosen(found, name) if name else _next(found, course_folder)
    first.require_answers()
    submission_path = submission_path or path_in(name)
    if submission_path is None and first.is_installed:
        own_file(first)  # says how to get one
    from grader.watch.loop import watch as watch_until_left
    from grader.watch.session import Guide, Options

    history = History.of(found)
    guide = Guide(
        locate=partial(_locate, found, first, submission_path),
        statement=lambda exercise: Docstring(f"{statement.of(exercise, history.stub(exercise))}"),
        listing=lambda: learn.listing(found, history),
        command=partial(command, course_folder=course_folder),
    )
    options = Options(device=device.value, speed=not no_speed, poll=poll)
    watch_until_left(found, first, guide, options, Console())


def _locate(
    within: course.Course, first: Exercise, submission: Path | None, wanted: Exercise
) -> Path:
    """The file to watch, which need not be there yet; `submission` is what was named, if any."""
    if submission is None or (wanted != first and not submission.is_dir()):
        missing = Path(wanted.stub.name) if wanted.is_installed else wanted.stub
        return short(find_own_file(wanted) or missing)
    if not submission.is_dir():
        return submission
    try:
        return finding.locate(submission, wanted, within.exercises)
    except UsageError:
        return submission / wanted.stub.name


def _next(found: course.Course, folder: Path | None) -> Exercise:
    if elsewhere.is_graded_elsewhere(found):
        return found.exercises[0]
    wanted = History.of(found).next_exercise(found)
    if wanted is None:
        any_ = command(f"watch {found.exercises[0].number}", folder) if found.exercises else ""
        raise UsageError(
            say("You have passed every exercise."),
            any_ and say("Name one to watch it all the same: {command}", command=any_),
        )
    return wanted
