"""`grade exercise`: grade one submission and write the report."""

import os
import re
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from grader import course, submission
from grader.cli.options import (
    CourseFolder,
    Device,
    ExerciseName,
    Format,
    SubmissionPath,
    check_output,
    command,
    own_file,
    show_notice,
)
from grader.course import Exercise
from grader.errors import ExitCode
from grader.history import History
from grader.language import say
from grader.report import Report

if TYPE_CHECKING:
    from grader.report import PropertyResult


def exercise(
    name: ExerciseName,
    submission_path: SubmissionPath = None,
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="For a person, or for a program.")
    ] = Format.TERMINAL,
    seed: Annotated[
        int | None, typer.Option(metavar="S", help="Draw other inputs than the usual ones.")
    ] = None,
    device: Annotated[
        Device, typer.Option(help="Where your code computes; auto takes a GPU where there is one.")
    ] = Device.AUTO,
    no_speed: Annotated[
        bool, typer.Option("--no-speed", help="Leave the running time out.")
    ] = False,
    require_sandbox: Annotated[
        bool,
        typer.Option(
            "--require-sandbox", help="Refuse where this system lacks a wall; see grade doctor."
        ),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the report to FILE."),
    ] = None,
    course_folder: CourseFolder = None,
) -> None:
    """Grade one exercise: your file in the course, or the one that --submission names.

    Exit code 0 for full marks, 1 for less, 2 where nothing could be graded.
    """
    within = course.find(course_folder)
    wanted = within.exercise(name)
    path = submission_path or own_file(wanted)
    found = submission.read(submission.find(path, wanted.stem))
    if output is not None:
        check_output(output)
    # What a server grades is no attempt of a learner's.
    history = None if os.environ.get("CI") else History.of(within)
    from grader.judge.grading import grade

    with Progress() as progress:
        report = grade(
            wanted,
            found,
            seed=seed,
            device=device.value,
            speed=not no_speed,
            require_sandbox=require_sandbox,
            progress=progress.tick,
        )
    if course_folder:
        report = replace(report, next_step=_in_course(report.next_step, course_folder))
    _write(report, format_, output)
    if history is not None:
        history.record(report)
        if report.has_full_marks and format_ is Format.TERMINAL and output is None:
            _go_on(wanted, course_folder)
        show_notice(history)
    raise typer.Exit(ExitCode.of(report.status.value))


def _go_on(passed: Exercise, folder: Path | None) -> None:
    compare = command(f"solution {passed.number}", folder)
    console = Console()
    console.print(Text(say("Compare with the reference: {command}", command=compare), "cyan"))
    text = say("What comes next: {command}", command=command("next", folder))
    console.print(Text(f"{text}\n", "cyan"))


def _in_course(next_step: str | None, folder: Path) -> str | None:
    """The next step with its commands for the course that was named."""
    if next_step is None:
        return None
    return re.sub(r"\bgrade (?:hint|show) \d+", lambda m: command(m[0][6:], folder), next_step)


def _write(report: Report, format_: Format, output: Path | None) -> None:
    if format_ is not Format.TERMINAL:
        renderer = import_module(f"grader.formats.{format_.value.replace('-', '_')}")
        text = renderer.render(report)
        if output is None:
            sys.stdout.write(text)
        else:
            output.write_text(text, encoding="utf-8")
        return
    from grader.formats import terminal

    if output is None:
        terminal.show(report, Console())
    else:
        with output.open("w", encoding="utf-8") as file:
            terminal.show(report, Console(file=file, width=terminal.WIDEST))


class Progress:
    """One line on standard error while the grading runs, where somebody is there to see it."""

    def __init__(self) -> None:
        self._visible = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._done = 0

    def __enter__(self) -> "Progress":
        self._say("starting torch ...")
        return self

    def __exit__(self, *_: object) -> None:
        self._say("")

    def tick(self, result: "PropertyResult") -> None:
        """One property is done."""
        self._done += 1
        self._say(f"{self._done} tried: {result.title}"[:78])

    def _say(self, text: str) -> None:
        if self._visible:
            sys.stderr.write(f"\r\x1b[2K{text}")
            sys.stderr.flush()
