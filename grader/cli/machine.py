"""`grade doctor`: what this machine has."""

from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.cli.options import CourseFolder
from grader.course import model as course
from grader.errors import ExitCode, UsageError


def doctor(course_folder: CourseFolder = None) -> None:
    """Show Python, torch, the device, the packages that the course counts on, and each layer of the
    sandbox that strangers' code runs in.

    Exit code 0 where every layer is there that --require-sandbox asks for, and every package; 1
    where one is missing.
    """
    from grader.judge.doctor import examine
    from grader.judge.surroundings import lacking
    from grader.judge.versions import TRIED, is_tried
    from grader.worker.walls import layers
    from torchgrade import others

    found = examine()
    console = Console()
    torch = found.torch + ("" if is_tried(found.torch) else f" (not tried: {TRIED} were)")
    facts = {
        "Python": found.python,
        "torch": torch,
        "device": found.device,
        "workers": found.workers,
    }
    for name, value in facts.items():
        console.print(f"{name:7} {value}", highlight=False, markup=False)
    for name, what in others():
        text = Text(f"{name} is installed here too, and has {what}: pip uninstall")
        text.append(f" {name.partition(' ')[0]}, then install this program again")
        console.print("names  ", "[yellow]·[/yellow]", text, highlight=False)
    packages = _packages(course_folder)
    without = lacking(package.module for package in packages)
    for package in packages:
        is_there = package.module not in without
        mark = "[green]✓[/green]" if is_there else "[red]✗[/red]"
        text = Text(package.requirement)
        if not is_there:
            text.append(f"\nit takes: pip install '{package.requirement}'", style="dim")
        console.print("package", mark, text, highlight=False)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("layer", no_wrap=True)
    table.add_column("")
    table.add_column("what it keeps a submission from")
    for layer in layers.LAYERS:
        state = found.layers.get(layer.name, "unavailable: no worker could be started")
        if state == layers.ACTIVE:
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
    lacks = layers.missing(found.layers)
    console.print(
        "\nEverything that --require-sandbox asks for is there."
        if not lacks
        else f"\n{len(lacks)} layers that --require-sandbox asks for are missing (✗).",
        highlight=False,
    )
    if without:
        console.print(
            f"{len(without)} packages that the course counts on are missing (✗): right answers that"
            " import them cannot be graded here.",
            highlight=False,
        )
    raise typer.Exit(ExitCode.LESS if lacks or without else ExitCode.FULL_MARKS)


def _packages(folder: Path | None) -> tuple[course.Package, ...]:
    """What the course counts on; of a machine without a course that can be read, nothing."""
    try:
        return course.find(folder).packages
    except UsageError:
        if folder is not None:
            raise
        return ()
