"""The commands of a learner: which exercises there are, what one asks, a hint."""

import ast
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from grader import course, submission
from grader.cli.options import CourseFolder, ExerciseName, SubmissionPath, own_file
from grader.errors import UsageError


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

    own = own_file(wanted)
    if path is None and own.exists():
        path = own
    found = submission.read(submission.find(path, wanted.stem)) if path else None
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
