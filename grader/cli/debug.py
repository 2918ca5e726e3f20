"""`grade debug`: the call that fails, as a script that a debugger can step through."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from grader.cli.exercise import Progress
from grader.cli.options import (
    CourseFolder,
    Device,
    DeviceName,
    Language,
    OptionalName,
    Seed,
    SubmissionPath,
    chosen,
    own_file,
    path_in,
    short,
)
from grader.course import model as course
from grader.errors import ExitCode, UsageError
from grader.formats.prose import prose
from grader.grading.alone import Alone
from grader.judge.script import Script
from grader.language import say
from grader.learner import scripts
from grader.report import clean, harmless
from grader.submission import finding


def debug(
    name: OptionalName = None,
    submission_path: SubmissionPath = None,
    only: Annotated[
        str | None,
        typer.Option(
            metavar="PROPERTY", help="The call of this property, such as test_output, if it fails."
        ),
    ] = None,
    run: Annotated[
        bool, typer.Option("--run/--no-run", help="Whether to run the script, or only write it.")
    ] = True,
    seed: Seed = None,
    device: DeviceName = Device.AUTO,
    course_folder: CourseFolder = None,
    _lang: Language = None,
) -> None:
    """Write the call that fails as a small script beside your file, and run it.

    It runs your file as your own program, outside of the sandbox, so that print, breakpoint() and
    your editor's debugger work. Exit code 0 where nothing fails, 1 where something does; with
    --no-run, 0 where there is a script, and 1 where there is none.
    """
    found = course.find(course_folder)
    wanted = chosen(found, name)
    wanted.require_answers()
    path = submission_path or path_in(name) or own_file(wanted)
    submission, _ = finding.read(path, wanted, found.exercises)
    if submission.path.suffix.lower() == ".ipynb":
        raise UsageError(
            say("{file} is a notebook.", file=submission.path),
            say("Debug it there: run a cell with {magic}.", magic=f"%grade_debug {wanted.number}"),
        )
    with Alone() as judge, Progress(wanted) as progress:
        judge.progress, judge.tick = progress.tried, progress.tick
        report, script = judge.debug(wanted, submission, only=only, seed=seed, device=device.value)
    console = Console()
    if script is None:
        with console.capture() as captured:
            console.print(prose(clean(scripts.nothing(report, only))))
        console.file.write(harmless(captured.get()))
        code = ExitCode.of(report.status.value)
        raise typer.Exit(code if run else max(code, ExitCode.LESS))
    place = submission.path.with_name(f"{script.name}.py")
    written = scripts.write(place, script.text, script.tensors)
    mistake = report.misconception.explanation if report.misconception else ""
    _show(console, script, written, mistake)
    if run and not script.hangs:
        console.print()
        sys.stdout.flush()
        # As who types it: an editor's and a debugger's settings of Python stay.
        theirs = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
        subprocess.run([sys.executable, str(place)], env=theirs, check=False)
    raise typer.Exit(ExitCode.LESS if run else ExitCode.FULL_MARKS)


def _show(console: Console, script: Script, written: scripts.Written, mistake: str = "") -> None:
    """Say what is wrong, what fails, where the script is, and how to run it."""
    with console.capture() as captured:
        if mistake:
            console.print(prose(clean(mistake), "bold yellow"))
        console.print(prose(clean(script.title), "bold"))
        console.print(prose(clean(script.message), "red"))
    console.file.write(harmless(captured.get()) + "\n")
    if written.kept is not None:
        kept = say("Your changes to the last one are kept as {file}.", file=short(written.kept))
        console.print(prose(clean(kept)))
    console.print(prose(clean(say("The call is in {file}.", file=short(written.path)))))
    command = f"{_python()} {short(written.path)}"
    if script.hangs:
        console.print(prose(say("It does not come back: Ctrl-C shows where it is.")))
        console.print(Text(say("Run it: {command}", command=command), "cyan"))
        return
    # The command has a line of its own, so that it can be copied whole.
    console.print(Text(say("Write breakpoint() in your code, and run it again:"), "cyan"))
    console.print(Text(clean(f"  {command}"), "cyan"), soft_wrap=True)


def _python() -> str:
    """What to type for this Python."""
    for name in ("python", "python3"):
        found = shutil.which(name)
        if found and Path(found).absolute() == Path(sys.executable).absolute():
            return name
    return sys.executable
