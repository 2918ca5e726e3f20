"""`grade doctor`: what this machine has."""

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.errors import ExitCode


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
