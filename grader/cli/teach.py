"""The commands of a teacher: grade a class."""

import os
import shlex
import sys
from collections.abc import Mapping
from datetime import tzinfo
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from grader.cli.options import CourseFolder, Device, Jobs, Sheet, complete_exercise
from grader.cli.place import GRADEBOOK, Book, as_place, course_for_class, told
from grader.cli.streams import OutputLost
from grader.course import model as course
from grader.errors import ExitCode, UsageError
from grader.learner import elsewhere

if TYPE_CHECKING:
    from grader.classroom.received.members import Listed
    from grader.classroom.run import Options
    from grader.cli.class_screen import ClassScreen
    from grader.grading.engine import Engine

LOG = "grader.log"


class EngineName(StrEnum):
    """Where a class is graded."""

    LOCAL = "local"
    RAY = "ray"


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
        EngineName | None,
        typer.Option(help="Where the judges run: local, on this machine, or a Ray cluster."),
    ] = None,
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
            help="Keep the gradebook in PostgreSQL: postgresql://user@host/database, or @FILE with"
            " that in it; also $GRADE_GRADEBOOK.",
        ),
    ] = None,
    book: Book = "",
    pattern: Annotated[
        str | None,
        typer.Option(
            metavar="P",
            help="How files are named: canvas, moodle, by-exercise, or a regular expression with"
            " groups student, exercise, attempt, id, late, file.",
        ),
    ] = None,
    students: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A CSV table of the class, such as Canvas or Moodle export: who there is, their"
            " ids and teams, and by Moodle's when each handed in.",
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
        Device | None,
        typer.Option(
            metavar="<auto|cpu|cuda|mps>", help="Where the students' code computes; default: cpu."
        ),
    ] = None,
    tables: Annotated[
        list[Sheet] | None,
        typer.Option("--csv", help="Write this table too; may be repeated."),
    ] = None,
    regrade: Annotated[
        bool,
        typer.Option("--regrade", help="Grade again every attempt that counts, found or kept."),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show who handed in what and when, and grade nothing."),
    ] = False,
    anonymous: Annotated[
        bool,
        typer.Option(
            "--anonymous",
            help="Pseudonyms on the screen, in tables and on pages; and whose they are.",
        ),
    ] = False,
    title: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="What the homework is called at the top of the pages; default: what the course"
            " and the book are.",
        ),
    ] = None,
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
    named = told(gradebook)
    place = as_place(named) if named else None
    found = course_for_class(place or output / GRADEBOOK, book, course_folder)
    wanted = tuple(each.slug for each in found.named(exercises or ()))
    if elsewhere.is_graded_elsewhere(found):
        found.exercises[0].require_answers()
    _check(submissions, output, resume and place is None)
    _check_cluster(engine or EngineName.LOCAL, address)
    from grader.classroom import run
    from grader.classroom.kept.gradebook import Gradebook
    from grader.classroom.received import members
    from grader.cli import class_log
    from grader.cli.class_screen import ClassScreen
    from grader.cli.published import Publisher, private

    more = {
        "students": str(students.absolute()) if students else None,
        "tables": [each.value for each in tables] if tables else None,
        "engine": engine.value if engine else None,
        "address": address,
        "jobs": jobs,
        "anonymous": anonymous or None,
        "title": title,
    }
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
        more={name: value for name, value in more.items() if value is not None},
    )
    listed = members.read(students) if students else members.Listed()
    # Before anything is written, unless only the gradebook knows what to look for.
    roster = None if resume else run.discover(found, options, submissions)
    if dry_run:
        _rehearse(found, options, submissions, listed, place or output / GRADEBOOK, book)
        return
    log = output / LOG
    with private():
        output.mkdir(exist_ok=True)
        opened = Gradebook.open(place or output / GRADEBOOK, book)
    with opened as kept, kept.held(), class_log.opened(log) as logger:
        this = run.ClassRun(kept, options)
        chosen = this.options.more
        if students is None and chosen.get("students"):
            listed = members.read(Path(chosen["students"]))
        engine = EngineName(chosen.get("engine", EngineName.LOCAL))
        address, jobs = chosen.get("address"), chosen.get("jobs")
        roster = roster or run.discover(found, this.options, submissions)
        roster = roster.with_members(listed, _zone(found))
        hidden = bool(chosen.get("anonymous"))
        publisher = Publisher(
            kept,
            found,
            output,
            chosen.get("tables", ()),
            anonymous=hidden,
            title=chosen.get("title", ""),
        )
        before = kept.course()
        plan = this.plan(roster, found)
        screen = ClassScreen(plan, roster, logger, publisher.pseudonyms if hidden else None)
        if kept.upgraded_from:
            screen.notice(f"The gradebook was upgraded; what it was is in {kept.upgraded_from}.")
        if before and (said := _another(before, run.described(found))):
            screen.notice(said)
        # After a power cut, nobody finds a score that is not there.
        publisher.publish(reports=False)
        try:
            timing = bool(this.options.speed)
            with _judges(engine, address, jobs, str(log), screen, timing) as judges:
                alone = timing and engine is EngineName.LOCAL
                screen.watch(this.grade(plan, judges), alone=alone)
        except OutputLost:
            publisher.publish()
            raise
        except KeyboardInterrupt:
            publisher.publish()
            screen.stopped(_again())
            raise
        this.end(plan)
        sheet = publisher.publish()
        moved = publisher.tell(sheet)
        screen.summary(sheet, moved, publisher.written, log)
    raise typer.Exit(ExitCode.USAGE if sheet.ungraded else ExitCode.FULL_MARKS)


def _another(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What to say where the last run was graded by another course; "" where it was not."""
    if before["folder"] == now["folder"] or before["rules"] == now["rules"]:
        return ""
    places = [each["folder"] or "the one that comes with grade" for each in (before, now)]
    return f"The last run was graded by another course: {places[0]}; now it is {places[1]}."


def _rehearse(
    found: course.Course,
    options: "Options",
    submissions: Path,
    listed: "Listed",
    place: Path | str,
    book: str,
) -> None:
    """Say who handed in what and when, and grade nothing, nor write anything."""
    from grader.classroom import run
    from grader.classroom.kept.database import NotThere
    from grader.classroom.kept.gradebook import Gradebook
    from grader.cli import rehearsal

    try:
        if isinstance(place, Path) and not place.is_file():
            raise NotThere("")
        known = Gradebook.open(place, book, make=False, upgrade=False)
    except NotThere:
        known = Gradebook.open(Path(":memory:"))
    with known as kept:
        roster = run.discover(found, options, submissions).with_members(listed, _zone(found))
        rehearsal.show(roster, kept, found)


def _zone(found: course.Course) -> tzinfo | None:
    """What a moment without an offset is taken to be in: the zone of the course's deadlines."""
    moments = (found.policy.deadline, *found.policy.deadlines.values(), found.policy.last_day)
    return next((moment.tzinfo for moment in moments if moment is not None), None)


def _again() -> str:
    """The command that goes on with this run, as it may be printed."""
    from grader.classroom.kept.database import without_password

    words = [without_password(word) for word in sys.argv[1:] if word != "--resume"]
    return shlex.join(["grade", *words, "--resume"])


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
            "--engine ray needs Ray, which is not installed.", "Run: pip install 'torchgrade[ray]'"
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
