"""`grade exercise`: grade a submission, and write the report."""

import os
import re
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.cells import set_cell_size
from rich.console import Console
from rich.text import Text

from grader.cli.options import (
    CourseFolder,
    Device,
    DeviceName,
    ExerciseNames,
    Format,
    Language,
    NoSpeed,
    RequireSandbox,
    Seed,
    SubmissionPath,
    check_output,
    chosen,
    command,
    complete_property,
    find_own_file,
    own_file,
    path_in,
    show_notice,
)
from grader.cli.results import READ_BY_SYSTEMS, Results
from grader.course import model as course
from grader.course.model import Exercise
from grader.errors import UsageError
from grader.grading.alone import Alone
from grader.judge.grading import secret_seed
from grader.language import say
from grader.learner.history import History
from grader.report import Report, Status, Trained, clean
from grader.submission import finding

if TYPE_CHECKING:
    from grader.report import PropertyResult

ALL = "all"
SPEED = "test_speed"
WIDEST = 78  # of the line that says how far a grading is


def exercise(
    names: ExerciseNames = None,
    submission_path: SubmissionPath = None,
    format_: Annotated[
        Format,
        typer.Option("--format", "-f", help="For a person, a program, or a school's system."),
    ] = Format.TERMINAL,
    seed: Seed = None,
    device: DeviceName = Device.AUTO,
    no_speed: NoSpeed = False,
    require_sandbox: RequireSandbox = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the report to FILE."),
    ] = None,
    in_full: Annotated[
        bool, typer.Option("--all", help="Show every failure in full, and all that was printed.")
    ] = False,
    only: Annotated[
        str | None,
        typer.Option(
            "--only",
            metavar="PROPERTY",
            help="Try one property alone, by its name as --all shows it; this is no grade.",
            autocompletion=complete_property,
        ),
    ] = None,
    course_folder: CourseFolder = None,
    _lang: Language = None,
) -> None:
    """Grade one exercise: your file in the course, or the one that --submission names.

    Several make one report; --submission then names the folder of their files,
    or a notebook that holds them all.

    Exit code 0 for full marks, 1 for less, 2 where nothing could be graded; for
    systems that take the score from the report alone, 0 for less as well.
    """
    with Alone() as judge:  # it takes a second to be there
        within = course.find(course_folder)
        wanted = _wanted(within, names)
        submission_path = submission_path or _file_of(names)
        for each in wanted:
            each.require_answers()
        _check_submission(submission_path, len(wanted))
        if only is not None:
            only = _the_one(only, wanted, format_, speed=not no_speed)
        if output is not None:
            check_output(output)
        unfinished = [_unfinished(each, submission_path) for each in wanted]
        results = Results(format_, output, unfinished, in_full=in_full or only is not None)
        # What a server grades is no attempt of a learner's.
        is_server = bool(os.environ.get("CI")) or format_ in READ_BY_SYSTEMS
        # Nor is what an author tries on the pretended device.
        is_attempt = not (is_server or only or device is Device.SIMULATED)
        history = History.of(within) if is_attempt else None
        # Whoever sits before it is told what they can mend; a system gets a zero and the reason.
        strict = len(wanted) == 1 and format_ not in READ_BY_SYSTEMS
        if seed is None and is_server:
            seed = secret_seed()  # what counts is not drawn from a seed that everybody knows
        options: dict[str, Any] = {
            "seed": seed,
            "device": device.value,
            "speed": not no_speed,
            "require_sandbox": require_sandbox,
            "only": only,
        }
        for each in wanted:
            report = _graded(each, submission_path, within.exercises, judge, options, strict=strict)
            if not is_server:  # whose course and file are not the student's
                typed = _as_typed(report.next_step, course_folder, submission_path)
                report = replace(report, next_step=typed)
            if history is not None and report.sha256:
                history.record(report)  # first: whatever becomes of what is printed, this is kept
            results.add(report)
        code = results.finish()
        if history is not None:
            if strict and report.has_full_marks and format_ is Format.TERMINAL and output is None:
                _go_on(wanted[0], course_folder, has_answer=history.has_passed(wanted[0]))
            show_notice(history)
    raise typer.Exit(code)


def _the_one(name: str, wanted: Sequence[Exercise], format_: Format, *, speed: bool) -> str:
    """The full name of the one property that is to be tried; UsageError where there is none such,
    or a system would take its points for a grade."""
    if format_ in READ_BY_SYSTEMS or len(wanted) > 1:
        raise UsageError(
            say("--only tries one property of one exercise, for a person to read."),
            say("Leave it out for a grade."),
        )
    there = [each for each in wanted[0].property_names if speed or each != SPEED]
    full = name if name.startswith("test_") else f"test_{name}"
    if full not in there:
        raise UsageError(
            say(
                "Exercise {number} has no property `{name}` to try.",
                number=wanted[0].number,
                name=name,
            ),
            say("It has: {names}.", names=", ".join(there)),
        )
    return full


def _go_on(passed: Exercise, folder: Path | None, *, has_answer: bool) -> None:
    compare = command(f"solution {passed.number}", folder)
    console = Console()
    if has_answer:  # which is shown to who has passed, as far as it could be remembered
        console.print(Text(say("Compare with the reference: {command}", command=compare), "cyan"))
    text = say("What comes next: {command}", command=command("next", folder))
    console.print(Text(f"{text}\n", "cyan"))


def _as_typed(next_step: str | None, folder: Path | None, path: Path | None) -> str | None:
    """The next step with its commands for the course and the file that were named."""
    if next_step is None:
        return None
    file = f" -s {shlex.quote(str(path))}" if path else ""

    def typed(found: re.Match[str]) -> str:
        return command(found[1] + file * found[1].startswith("debug"), folder)

    return re.sub(r"\bgrade ((?:hint|show|debug) \d+)", typed, next_step)


def _file_of(names: list[str] | None) -> Path | None:
    """The file that one exercise was named by; UsageError for several, which have a folder."""
    files = [name for name in names or () if path_in(name)]
    if files and len(names or ()) > 1:
        raise UsageError(
            say("{path} names one exercise of several by its file.", path=files[0]),
            say("Name them by their numbers, and the folder of their files with --submission."),
        )
    return path_in(files[0]) if files else None


def _wanted(found: course.Course, names: list[str] | None) -> list[Exercise]:
    """The exercises of these names, each once, in the order in which they are named."""
    if not names:
        return [chosen(found, None)]
    if ALL in names:
        if not found.exercises:
            file = found.folder / course.COURSE_FILE
            raise UsageError(say("{file} lists no exercises.", file=file))
        return list(found.exercises)
    each = (
        found.named([name]) if course.RANGE.fullmatch(name) else [chosen(found, name)]
        for name in names
    )
    return list(dict.fromkeys(chain.from_iterable(each)))


def _check_submission(path: Path | None, exercises: int) -> None:
    """A path that is nowhere is the caller's mistake; a file that is not in it, the student's."""
    if path is None:
        return
    if not os.path.lexists(path):
        raise UsageError(
            say("There is nothing at {path}.", path=path),
            say("--submission names a file or a folder."),
        )
    if exercises > 1 and not path.is_dir() and path.suffix.lower() != ".ipynb":
        raise UsageError(
            say(
                "{path} is one file, and {count} exercises are to be graded.",
                path=path,
                count=exercises,
            ),
            say("Name the folder that holds a file for each, or a notebook that holds them all."),
        )


def _graded(
    wanted: Exercise,
    path: Path | None,
    exercises: Sequence[Exercise],
    judge: Alone,
    options: dict[str, Any],
    *,
    strict: bool,
) -> Report:
    """The report on what is handed in at `path`; where that is no submission, one that says why, or
    with `strict` UsageError."""
    try:
        found, note = finding.read(path or own_file(wanted), wanted, exercises, alone=strict)
    except UsageError as error:
        if strict:
            raise
        return _without_grading(wanted, path, Status.FAILED, error.problem, error.advice)
    with Progress(wanted) as progress:
        judge.progress, judge.tick = progress.tried, progress.tick
        report = judge.grade(wanted, found, **options)
    return replace(report, note="\n".join(filter(None, (report.note, note))) or None)


def _unfinished(wanted: Exercise, path: Path | None) -> Report:
    """What stands for an exercise until it is graded."""
    reason = say(
        "The grading did not finish. That says nothing about the code, which has to be graded"
        " again."
    )
    return _without_grading(wanted, path, Status.UNGRADED, reason)


def _without_grading(
    wanted: Exercise, path: Path | None, status: Status, reason: str, next_step: str = ""
) -> Report:
    """A report without points on what was not graded; it has no hash of a submission."""
    return Report(
        number=wanted.number,
        slug=wanted.slug,
        title=wanted.title,
        path=str(path or find_own_file(wanted) or wanted.stub),
        sha256="",
        status=status,
        score=0,
        max_score=wanted.points,
        reason=reason,
        next_step=next_step or None,
    )


class Progress:
    """One line on standard error while the grading runs, where somebody is there to see it."""

    def __init__(self, exercise: Exercise) -> None:
        self._exercise = exercise
        self._visible = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._began = time.monotonic()
        self._done = 0
        self._title = ""
        self._trained = ""

    def __enter__(self) -> "Progress":
        self.tick()
        return self

    def __exit__(self, *_: object) -> None:
        self._say("")

    def tried(self, result: "PropertyResult | Trained") -> None:
        """One property is done; or, while one trains, one model."""
        if isinstance(result, Trained):
            self._trained = result.in_words
            self.tick()
            return
        self._trained = ""
        self._done += 1
        self._title = result.title
        self.tick()

    def tick(self) -> None:
        """Say how far it is, and for how long it has been at it."""
        seconds = int(time.monotonic() - self._began)
        if self._trained:
            self._say(say("{seconds} s, {what}", seconds=seconds, what=self._trained))
        elif self._done:
            said = {"seconds": seconds, "count": self._done, "title": clean(self._title)}
            self._say(say("{seconds} s, {count} tried: {title}", **said))
        else:
            number = self._exercise.number
            self._say(
                say("exercise {number}: starting ... {seconds} s", number=number, seconds=seconds)
            )

    def _say(self, text: str) -> None:
        if self._visible:
            if text:  # a line that fills the terminal would break, and could not be taken back
                columns = Console(stderr=True).width
                text = set_cell_size(text, min(WIDEST, columns - 1)).rstrip()
            sys.stderr.write(f"\r\x1b[2K{text}")
            sys.stderr.flush()
