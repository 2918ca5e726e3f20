"""The command line. Commands parse, call, print; torch is imported only to grade."""

import ast
import contextlib
import os
import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader import __version__, course, submission
from grader.errors import ExitCode, UsageError
from grader.report import Report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.judge.validate import Check
    from grader.report import PropertyResult

app = typer.Typer(
    name="grade",
    help="Grade deep-learning exercises, in plain words, on the smallest input that fails.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Format(StrEnum):
    """How a report is written."""

    TERMINAL = "terminal"
    JSON = "json"


class Device(StrEnum):
    """Where the student's code computes."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


def _complete_exercise(incomplete: str) -> list[tuple[str, str]]:
    try:
        exercises = course.find().exercises
    except UsageError:
        return []
    names = [(str(e.number), e.title) for e in exercises] + [(e.slug, e.title) for e in exercises]
    return [(name, title) for name, title in names if name.startswith(incomplete)]


ExerciseName = Annotated[
    str,
    typer.Argument(
        metavar="EXERCISE",
        help="Its number, with or without leading zeros, or its slug.",
        autocompletion=_complete_exercise,
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


@app.command()
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
    wanted = course.find(course_folder).exercise(name)
    path = submission_path or _own_file(wanted)
    found = submission.read(submission.find(path, wanted.stem))
    if output is not None:
        _check_output(output)
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
    _write(report, format_, output)
    raise typer.Exit(ExitCode.of(report.status.value))


def _own_file(wanted: course.Exercise) -> Path:
    """The student's file: in a course of theirs its stub, beside them where it is the bundled."""
    if wanted.course == course.bundled():
        for suffix in (".py", ".ipynb"):
            here = Path.cwd() / f"{wanted.stem}{suffix}"
            if here.is_file():
                return here
    try:
        return wanted.stub.relative_to(Path.cwd())
    except ValueError:
        return wanted.stub


def _check_output(output: Path) -> None:
    """Say that a report cannot be written before the time is spent on it."""
    if output.is_dir():
        raise UsageError(f"{output} is a folder.", "Name a file for the report.")
    if not output.absolute().parent.is_dir():
        raise UsageError(f"There is no folder {output.parent}.", "Create it, or name another file.")


def _write(report: Report, format_: Format, output: Path | None) -> None:
    if format_ is Format.JSON:
        from grader.formats import json

        text = json.render(report)
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


@app.command("list")
def list_(course_folder: CourseFolder = None) -> None:
    """List the exercises of the course."""
    found = course.find(course_folder)
    console = Console()
    part = ""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for each in found.exercises:
        if each.part != part:
            part = each.part
            table.add_row("", f"[bold]{part}[/bold]", "")
        table.add_row(str(each.number), each.title, f"[dim]{each.slug}[/dim]")
    console.print(f"[bold]{found.title}[/bold]\n")
    console.print(table, highlight=False)
    console.print("\nRead one with [cyan]grade show 3[/cyan], grade it with"
                  " [cyan]grade exercise 3[/cyan].", highlight=False)  # fmt: skip


@app.command()
def show(
    name: ExerciseName,
    plot: Annotated[
        bool,
        typer.Option(
            "--plot", help="Draw what it shows instead: the reference's, and yours once it passes."
        ),
    ] = False,
    submission_path: SubmissionPath = None,
    course_folder: CourseFolder = None,
) -> None:
    """Show the statement of an exercise, or with --plot what it is about."""
    wanted = course.find(course_folder).exercise(name)
    if plot:
        _plot(wanted, submission_path)
        return
    if not wanted.stub.is_file():
        raise UsageError(f"{wanted.stub} is missing, and the statement with it.")
    console = Console()
    console.print(_statement(wanted.stub), highlight=False, markup=False)
    console.print(f"\nYour file: {wanted.stub}", style="cyan", highlight=False, markup=False)
    if wanted.has_picture:
        console.print(f"See it drawn: grade show {wanted.number} --plot", style="cyan")


def _plot(wanted: course.Exercise, path: Path | None) -> None:
    from grader.judge.exhibit import exhibit

    path = path or _own_file(wanted)
    there = path.exists()
    found = submission.read(submission.find(path, wanted.stem)) if there else None
    drawn = exhibit(wanted, found)
    from grader.formats import picture

    picture.show(drawn, Console())


def _statement(stub: Path) -> str:
    """Docstrings and signatures of a stub; its text as it stands where Python cannot read it."""
    text = submission.read(stub).source
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text
    parts = [ast.get_docstring(tree) or ""]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
            signature = f"def {node.name}({ast.unparse(node.args)}){returns}"
            doc = (ast.get_docstring(node) or "").replace("\n", "\n    ")
            parts.append(f"{signature}\n    {doc}")
    return "\n\n".join(part for part in parts if part.strip())


@app.command()
def hint(
    name: ExerciseName,
    tier: Annotated[
        int, typer.Option(metavar="K", min=1, help="Which one; they go from a nudge to the line.")
    ] = 1,
    course_folder: CourseFolder = None,
) -> None:
    """Give one hint, the gentlest first."""
    wanted = course.find(course_folder).exercise(name)
    if tier > len(wanted.hints):
        raise UsageError(
            f"Exercise {wanted.number} has {len(wanted.hints)} hints.",
            f"Read its statement again: grade show {wanted.number}",
        )
    console = Console()
    console.print(wanted.hints[tier - 1].text, highlight=False, markup=False)
    if tier < len(wanted.hints):
        more = f"\nStill stuck? grade hint {wanted.number} --tier {tier + 1}"
        console.print(more, style="cyan", highlight=False, markup=False)


@app.command()
def validate(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[EXERCISE]...", autocompletion=_complete_exercise),
    ] = None,
    mutants: Annotated[
        bool,
        typer.Option(
            "--mutants", help="Change the reference in one place at a time: every mutant must die."
        ),
    ] = False,
    right: Annotated[
        list[Path] | None,
        typer.Option(
            "--right", metavar="FILE", help="Answers to one exercise that must get full marks."
        ),
    ] = None,
    seeds: Annotated[
        int, typer.Option(metavar="K", min=1, help="How many seeds the reference is tried on.")
    ] = 20,
    jobs: Jobs = None,
    course_folder: CourseFolder = None,
) -> None:
    """Prove that the exercises grade fairly: stubs, references, misconceptions, right and wrong."""
    found = course.find(course_folder)
    chosen = [found.exercise(name) for name in names] if names else list(found.exercises)
    if right and len(chosen) != 1:
        raise UsageError(
            "--right speaks of one exercise.", "Name it: grade validate 3 --right FILE"
        )
    from grader.judge.validate import validate as validate_course
    from grader.judge.validate import validate_right

    rows: Iterable[tuple[int, Iterable[Check]]]
    if right:
        rows = [(chosen[0].number, validate_right(chosen[0], right))]
    else:
        rows = validate_course(chosen, jobs or os.cpu_count() or 1, mutants=mutants, seeds=seeds)
    console = Console()
    problems = 0
    for number, checks in rows:
        for check in checks:
            problems += not check.holds
            mark = "[green]✓[/green]" if check.holds else "[red]✗[/red]"
            console.print(f"{mark} {number:>2}  ", end="")
            console.print(check.text, markup=False, highlight=False, soft_wrap=True)
    console.print(f"\n{problems} problems" if problems else "\nAll of it holds.")
    raise typer.Exit(ExitCode.LESS if problems else ExitCode.FULL_MARKS)


@app.command()
def strength(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[EXERCISE]...", autocompletion=_complete_exercise),
    ] = None,
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="For a person, or for a program.")
    ] = Format.TERMINAL,
    jobs: Jobs = None,
    course_folder: CourseFolder = None,
) -> None:
    """Show how strong the properties are: how many mutants of the reference each of them kills.

    A property that kills none alone is one that could be dropped, as far as mutants tell.
    """
    found = course.find(course_folder)
    chosen = [found.exercise(name) for name in names] if names else list(found.exercises)
    from grader.judge.strength import measure

    measured = measure(chosen, jobs or os.cpu_count() or 1)
    if format_ is Format.JSON:
        import json

        sys.stdout.write(json.dumps([asdict(each) for each in measured], indent=2) + "\n")
        return
    console = Console()
    for each in measured:
        console.print(f"\n[bold]{each.number}. {each.slug}[/bold]", highlight=False)
        console.print(f"{each.killed} of {each.mutants} mutants die", highlight=False)
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
        for column in ("points", "kills", "alone", "seconds"):
            table.add_column(column, justify="right")
        table.add_column("property", no_wrap=True)
        most = max((p.kills for p in each.properties), default=0)
        for p in each.properties:
            note = " (most)" if p.kills == most else "" if p.alone else " (none alone)"
            row = (f"{p.points}", f"{p.kills}", f"{p.alone}", f"{p.seconds:.2f}")
            table.add_row(*row, Text.assemble(p.name, (note, "dim")))
        console.print(table)


@app.command()
def new(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="Its short name: causal_mask.")],
    after: Annotated[
        str | None,
        typer.Option("--after", metavar="N", help="Put it after this exercise; default: last."),
    ] = None,
    solution: Annotated[
        Path | None,
        typer.Option("--from", metavar="PATH", help="Begin with this answer: a Python file."),
    ] = None,
    course_folder: CourseFolder = None,
) -> None:
    """Begin an exercise, and a course where there is none: its files, for you to fill.

    `grade validate` then says what is still to be written, in order.
    """
    from grader import scaffold

    files = scaffold.create(slug, course_folder, after=after, solution=solution)
    console = Console(soft_wrap=True)
    for path in files:
        console.print(f"wrote {_short(path)}", highlight=False, markup=False)
    number = course.load(files[-1].parent.parent).exercise(slug).number
    option = f" --course {course_folder}" if course_folder else ""
    console.print(
        f"\nWhat is yours to write, in order: grade validate {number}{option}",
        style="cyan",
        highlight=False,
        markup=False,
    )


def _short(path: Path) -> Path:
    """The path as seen from here, where it is below."""
    try:
        return path.absolute().relative_to(Path.cwd())
    except ValueError:
        return path


@app.command()
def doctor() -> None:
    """Show Python, torch, the device, and each layer of the sandbox that strangers' code runs in.

    Exit code 0 where every layer is there that --require-sandbox asks for, 1 where one is missing.
    """
    from grader.judge.doctor import examine
    from grader.worker import sandbox

    found = examine()
    console = Console()
    facts = {"Python": found.python, "torch": found.torch, "device": found.device}
    for name, value in facts.items():
        console.print(f"{name:7} {value}", highlight=False, markup=False)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("layer", no_wrap=True)
    table.add_column("")
    table.add_column("what it keeps a submission from")
    for layer in sandbox.LAYERS:
        state = found.layers.get(layer.name, "unavailable: no worker could be started")
        if state == sandbox.ACTIVE:
            table.add_row(layer.name, "[green]✓[/green]", Text(layer.keeps_from))
            continue
        mark = "[red]✗[/red]" if layer.needed else "[yellow]·[/yellow]"
        why = Text(f"{layer.keeps_from}\n{state}", end="")
        why.append(f"\nit takes: {layer.remedy}", style="dim")
        table.add_row(layer.name, mark, why)
    console.print("\nsandbox")
    console.print(table)
    if found.problem:
        console.print(f"\n{found.problem}", style="red", markup=False, highlight=False)
    lacking = sandbox.missing(found.layers)
    console.print(
        "\nEverything that --require-sandbox asks for is there."
        if not lacking
        else f"\n{len(lacking)} layers that --require-sandbox asks for are missing (✗).",
        highlight=False,
    )
    raise typer.Exit(ExitCode.LESS if lacking else ExitCode.FULL_MARKS)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"grade {__version__}")
        raise typer.Exit


@app.callback()
def _grade(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print it and leave."),
    ] = False,
) -> None:
    del version


def main() -> NoReturn:
    """The `grade` program."""
    code: int = ExitCode.FULL_MARKS
    try:
        app(prog_name="grade")
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else ExitCode.USAGE
    except UsageError as error:
        console = Console(stderr=True, soft_wrap=True)
        console.print("grade: " + error.problem, style="red", markup=False, highlight=False)
        if error.advice:
            console.print(error.advice, markup=False, highlight=False)
        code = ExitCode.USAGE
    except KeyboardInterrupt:
        code = 130
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    # Nothing is left to do, and torch takes a quarter of a second to take itself down.
    os._exit(code)
