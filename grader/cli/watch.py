"""`grade watch`: grade a file each time that it is saved."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from grader import course, submission
from grader.cli import learn
from grader.cli.options import (
    CourseFolder,
    Device,
    SubmissionPath,
    complete_exercise,
    own_file,
)
from grader.course import Exercise
from grader.errors import UsageError
from grader.history import History
from grader.language import say


def watch(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[EXERCISE]",
            help="Its number or slug; by default the next that you have not passed.",
            autocompletion=complete_exercise,
        ),
    ] = None,
    submission_path: SubmissionPath = None,
    poll: Annotated[
        bool,
        typer.Option(
            "--poll", help="Look at the file ten times a second, where the system tells no saves."
        ),
    ] = False,
    device: Annotated[
        Device, typer.Option(help="Where your code computes; auto takes a GPU where there is one.")
    ] = Device.AUTO,
    no_speed: Annotated[
        bool, typer.Option("--no-speed", help="Leave the running time out.")
    ] = False,
    course_folder: CourseFolder = None,
) -> None:
    """Grade your file each time that you save it.

    Begins with the exercise that is next, goes on to another when you say so, and shows hints and
    statements at the press of a key.
    """
    found = course.find(course_folder)
    first = found.exercise(name) if name else _next(found)
    from grader.watch.loop import watch as watch_until_left
    from grader.watch.session import Guide, Options

    def locate(exercise: Exercise) -> Path:
        if submission_path is None or (exercise != first and not submission_path.is_dir()):
            return own_file(exercise)
        if not submission_path.is_dir():
            return submission_path
        try:
            return submission.find(submission_path, exercise.stem)
        except UsageError:  # not there yet
            return submission_path / f"{exercise.stem}.py"

    guide = Guide(locate, learn.statement, lambda: learn.listing(found))
    options = Options(device=device.value, speed=not no_speed, poll=poll)
    watch_until_left(found, first, guide, options, Console())


def _next(found: course.Course) -> Exercise:
    wanted = History.of(found).next_exercise(found)
    if wanted is None:
        raise UsageError(
            say("You have passed every exercise of this course."),
            say("Name one to watch it all the same: {command}", command="grade watch 3"),
        )
    return wanted
