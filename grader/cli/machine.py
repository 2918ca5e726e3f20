"""`grade doctor`: what this machine has."""

from pathlib import Path

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.cli.options import CourseFolder, Language
from grader.course import model as course
from grader.errors import ExitCode, UsageError
from grader.language import retold, say


def doctor(course_folder: CourseFolder = None, _lang: Language = None) -> None:
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
    torch = found.torch
    if not is_tried(torch):
        torch = say("{torch} (not tried: {those} were)", torch=torch, those=TRIED)
    facts = {
        "Python": found.python,
        "torch": torch,
        say("device"): found.device,
        say("workers"): _workers(found.workers),
    }
    for name, value in facts.items():
        console.print(f"{_wide(name)} {value}", highlight=False, markup=False)
    for name, what in others():
        said = say(
            "{name} is installed here too, and has {what}: pip uninstall {short}, then install this"
            " program again",
            name=name,
            what=retold(what, "{module} and the command `grade`", "the command `grade`"),
            short=name.partition(" ")[0],
        )
        console.print(_wide(say("names")), "[yellow]·[/yellow]", Text(said), highlight=False)
    packages = _packages(course_folder)
    without = lacking(package.module for package in packages)
    for package in packages:
        is_there = package.module not in without
        mark = "[green]✓[/green]" if is_there else "[red]✗[/red]"
        text = Text(package.requirement)
        if not is_there:
            takes = say("it takes: {what}", what=f"pip install '{package.requirement}'")
            text.append(f"\n{takes}", style="dim")
        console.print(_wide(say("package")), mark, text, highlight=False)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(say("layer"), no_wrap=True)
    table.add_column("")
    table.add_column(say("what it keeps a submission from"), overflow="fold")
    for layer in layers.LAYERS:
        state = found.layers.get(layer.name, "unavailable: no worker could be started")
        keeps_from = in_words(layer.keeps_from)
        if state == layers.ACTIVE:
            table.add_row(layer.name, "[green]✓[/green]", Text(keeps_from))
            continue
        mark = "[red]✗[/red]" if layer.needed else "[yellow]·[/yellow]"
        missing = say("unavailable: {why}", why=in_words(state.removeprefix("unavailable: ")))
        why = Text(f"{keeps_from}\n{missing}", end="")
        takes = say("it takes: {what}", what=in_words(layer.remedy))
        why.append(f"\n{takes}", style="dim")
        table.add_row(layer.name, mark, why)
    console.print("\n" + say("sandbox"))
    console.print(table)
    if found.problem:
        console.print(f"\n{found.problem}", style="red", markup=False, highlight=False)
    lacks = layers.missing(found.layers)
    console.print(
        "\n"
        + (
            say("{count} layers that --require-sandbox asks for are missing (✗).", count=len(lacks))
            if lacks
            else say("Everything that --require-sandbox asks for is there.")
        ),
        highlight=False,
    )
    if without:
        console.print(
            say(
                "{count} packages that the course counts on are missing (✗): right answers that"
                " import them cannot be graded here.",
                count=len(without),
            ),
            highlight=False,
        )
    raise typer.Exit(ExitCode.LESS if lacks or without else ExitCode.FULL_MARKS)


def _wide(name: str) -> str:
    """The name of a fact, as wide on the screen as the widest."""
    return name + " " * (7 - cell_len(name))


def _workers(way: str) -> str:
    return retold(way, "forked", "executed")


def in_words(text: str) -> str:
    """What a layer says of itself, in the language in use: it is a worker that says it, which has
    none."""
    return retold(
        text,
        # what each keeps out
        "reading anything but Python and torch, writing outside its own folder, starting programs",
        "TCP, a second time after seccomp",
        "signals to the judge and abstract sockets, a second time after seccomp",
        "sockets, new processes, signals to others, their memory, namespaces, mounts, io_uring",
        "rights gained through setuid programs",
        "acting as the user who grades",
        "root's rights, where root grades",
        "other workers reading its memory",
        "endless computing, large files, many files and threads",
        "filling the machine's memory",
        "filling the disk within one call (the judge looks at the folder's size otherwise)",
        "outliving the grader",
        "reading what is yours, writing outside its own folder, networks, other programs",
        # what helps
        "Linux {version} or newer, with landlock among the kernel's lsm= modules",
        "Linux {version} or newer",
        "install libseccomp (libseccomp2 on Debian and Ubuntu)",
        "start grade as root where the code of many strangers is run",
        "start grade as root, where it may mount",
        "a POSIX system",
        "Linux with /proc, computing on the CPU",
        "macOS with Seatbelt (sandbox-exec)",
        # why one is missing
        "no worker could be started",
        "switched off",
        "{system} has nothing like it",
        "{system} has no such limit; the judge looks at its size",
        "this kernel has no Landlock (Linux 5.13 and newer have)",
        "Landlock is switched off at boot (see the lsm= parameter)",
        "this container forbids Landlock",
        "it takes no_new_privs",
        "this kernel has version {version} of Landlock; TCP takes 4",
        "this kernel has version {version} of Landlock; scopes take 6",
        "/proc is not mounted here",
        "only root can give a worker a user of its own",
        "the capabilities that a change of user drops are to be kept",
        "this container's root may not change its user",
        "this container has no users to spare",
        "{folder} is open to root alone, and Python needs it",
        "only root can mount",
        "this container forbids mounting",
        "this kernel has no namespaces of mounts",
        "this kernel has no tmpfs",
        "this system gives out no more namespaces of mounts",
        "this system gives out no more mounts",
        "this is a chroot whose root is no mount: others would see what is mounted in it",
    )


def _packages(folder: Path | None) -> tuple[course.Package, ...]:
    """What the course counts on; of a machine without a course that can be read, nothing."""
    try:
        return course.find(folder).packages
    except UsageError:
        if folder is not None:
            raise
        return ()
