"""The commands of a teacher: grade a class."""

import os
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.options import CourseFolder, Device, Jobs, complete_exercise
from grader.cli.streams import OutputLost
from grader.course import model as course
from grader.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from grader.classroom.shown.grades import Gradesheet
    from grader.cli.class_screen import ClassScreen
    from grader.grading.engine import Engine

GRADEBOOK = "gradebook.sqlite3"
LOG = "grader.log"


class EngineName(StrEnum):
    """Where a class is graded."""

    LOCAL = "local"
    RAY = "ray"


class Sheet(StrEnum):
    """Which other tables of grades are written."""

    CANVAS = "canvas"
    MOODLE = "moodle"


def class_(
    submissions: Annotated[
        Path,
        typer.Argument(
            metavar="SUBMISSIONS",
            help="A folder with a folder, a file or an archive for each student.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Where gradebook, tables and reports go."
        ),
    ],
    exercises: Annotated[
        list[str] | None,
        typer.Option(
            "--exercise",
            "-e",
            metavar="N",
            help="Grade this one; may be repeated. Default: whatever was handed in.",
            autocompletion=complete_exercise,
        ),
    ] = None,
    jobs: Jobs = None,
    engine: Annotated[
        EngineName, typer.Option(help="Where the judges run: on this machine, or a Ray cluster.")
    ] = EngineName.LOCAL,
    address: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            help="The Ray cluster; by default the one that runs here, or else one of its own.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            metavar="S", help="Default: the gradebook's own, drawn in secret for its first run."
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where the last run was cut off.")
    ] = False,
    gradebook: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Keep the gradebook in PostgreSQL: postgresql://user@host/database.",
        ),
    ] = None,
    pattern: Annotated[
        str | None,
        typer.Option(
            metavar="P",
            help="How files are named: canvas, moodle, by-exercise, or a regular expression with"
            " groups student, exercise, attempt, id, file.",
        ),
    ] = None,
    students: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A CSV table of the class, such as Canvas or Moodle export: who there is, and"
            " their ids.",
        ),
    ] = None,
    speed: Annotated[
        bool | None,
        typer.Option(
            "--speed/--no-speed",
            help="Time the answers, one after the other; default: leave the running time out.",
        ),
    ] = None,
    device: Annotated[
        Device | None, typer.Option(help="Where the students' code computes; default: cpu.")
    ] = None,
    tables: Annotated[
        list[Sheet] | None,
        typer.Option("--csv", help="Write this table too; may be repeated."),
    ] = None,
    regrade: Annotated[
        bool, typer.Option("--regrade", help="Grade again what is known; history is kept.")
    ] = False,
    why: Annotated[
        str, typer.Option(metavar="TEXT", help="Why it is graded, for the history.")
    ] = "",
    require_sandbox: Annotated[
        bool,
        typer.Option(
            "--require-sandbox", help="Refuse where this system lacks a wall; see grade doctor."
        ),
    ] = False,
    course_folder: CourseFolder = None,
) -> None:
    """Grade what a class handed in, and keep it in a gradebook.

    What was graded before and has not changed is not graded again. Exit code 0 where everything has
    a verdict, 2 where something could not be graded.
    """
    found = course.find(course_folder)
    wanted = tuple(dict.fromkeys(found.exercise(name).slug for name in exercises or ()))
    _check(submissions, output, resume and gradebook is None)
    _check_cluster(engine, address)
    from grader.classroom import run
    from grader.classroom.kept.gradebook import Gradebook
    from grader.classroom.received import members
    from grader.classroom.shown import pages, sheets
    from grader.classroom.shown.grades import gradesheet
    from grader.cli.class_screen import ClassScreen

    options = run.Options(
        exercises=wanted or None,
        pattern=pattern,
        seed=seed,
        speed=speed,
        device=device.value if device else None,
        require_sandbox=require_sandbox,
        resume=resume,
        regrade=regrade,
        why=why,
    )
    listed = members.read(students) if students else members.Listed()
    # Before anything is written, unless only the gradebook knows what to look for.
    roster = None if resume else run.discover(found, options, submissions)
    output.mkdir(exist_ok=True)
    flavours = [sheets.Flavour(name) for name in ("plain", *(tables or ()))]
    log = output / LOG

    def publish(*, reports: bool = True) -> "Gradesheet":
        sheet = gradesheet(book, found.policy)
        parts = [partial(sheets.write, output, sheet, [each]) for each in flavours]
        if reports:
            parts.append(partial(sheets.write_reports, output, sheet))
            parts.append(partial(pages.write_pages, output, sheet, found.title))
        _write_all(parts)
        return sheet

    with Gradebook.open(gradebook or output / GRADEBOOK) as book, book.held():
        this = run.ClassRun(book, options)
        roster = roster or run.discover(found, this.options, submissions)
        roster = replace(
            roster,
            students=members.joined(roster.students, listed),
            is_lasting=roster.is_lasting and listed.is_lasting,
        )
        plan = this.plan(roster)
        publish(reports=False)  # after a power cut, nobody finds a score that is not there
        screen = ClassScreen(plan, roster)
        try:
            timing = bool(this.options.speed)
            with _judges(engine, address, jobs, str(log), screen, timing) as judges:
                alone = timing and engine is EngineName.LOCAL
                screen.watch(this.grade(plan, judges), alone=alone)
        except OutputLost:
            publish()
            raise
        except KeyboardInterrupt:
            publish()
            again = [word for word in sys.argv[1:] if word != "--resume"]
            screen.stopped(shlex.join(["grade", *again, "--resume"]))
            raise
        this.end(plan)
        sheet = publish()
    if log.is_file() and not log.stat().st_size:
        log.unlink()
    files = [pages.INDEX, *(sheets.FILES[each] for each in flavours), sheets.REPORTS]
    written = [output / name for name in files]
    screen.summary(sheet, written, log)
    raise typer.Exit(ExitCode.USAGE if sheet.ungraded else ExitCode.FULL_MARKS)


def _write_all(parts: Sequence[Callable[[], None]]) -> None:
    """Write each part, whatever becomes of another. UsageError for the first that cannot be."""
    problems = []
    for part in parts:
        try:
            part()
        except UsageError as error:
            problems.append(error.problem)
        except OSError as error:
            file, reason = error.filename, error.strerror or error
            problems.append(f"{file} cannot be written: {reason}.")
    if problems:
        raise UsageError(
            problems[0],
            "What was graded is kept in the gradebook: mend that, and give the same command again.",
        )


def _check(submissions: Path, output: Path, needs_gradebook: bool) -> None:
    """Say what cannot be before anything is written."""
    if output.exists() and not output.is_dir():
        raise UsageError(f"{output} is a file.", "Name a folder for gradebook and reports.")
    if not output.absolute().parent.is_dir():
        raise UsageError(f"There is no folder {output.parent}.", "Create it, or name another.")
    if output.resolve().is_relative_to(submissions.resolve()):
        raise UsageError(
            f"{output} lies in the folder of the submissions, and would be graded with them.",
            "Name a folder elsewhere.",
        )
    if needs_gradebook and not (output / GRADEBOOK).is_file():
        raise UsageError(
            f"There is no run to resume in {output}: it has no {GRADEBOOK}.",
            "Leave --resume out to begin one.",
        )


def _check_cluster(engine: EngineName, address: str | None) -> None:
    if engine is EngineName.RAY:
        _ray_engine().find(address)
    elif address is not None:
        raise UsageError("--address is that of a Ray cluster.", "Add --engine ray.")


def _ray_engine() -> ModuleType:
    """The module that needs Ray. UsageError where that is not installed."""
    try:
        from grader.grading import ray_engine
    except ModuleNotFoundError as error:
        if error.name != "ray":
            raise
        raise UsageError(
            "--engine ray needs Ray, which is not installed.", "Run: pip install 'grade[ray]'"
        ) from None
    return ray_engine


def _judges(
    engine: EngineName,
    address: str | None,
    jobs: int | None,
    log: str,
    screen: "ClassScreen",
    timed: bool,
) -> "Engine":
    """The engine that is asked for. Whoever is timed has the machine to itself."""
    if engine is EngineName.RAY:
        engine_on_ray: Engine = _ray_engine().RayEngine(address, jobs, log, screen.notice)
        return engine_on_ray
    from grader.grading.local import LocalEngine

    return LocalEngine(1 if timed else jobs or os.cpu_count() or 1, log)
