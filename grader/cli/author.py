"""The commands of a course's author: begin an exercise, and prove that exercises grade fairly."""

import os
import sys
from dataclasses import asdict
from enum import StrEnum
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.cli.options import CourseFolder, Jobs, complete_exercise, short
from grader.course import model as course
from grader.course import translation
from grader.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grader.judge.prove.names import Names, Told
    from grader.judge.prove.validate import Check


class TableFormat(StrEnum):
    """How a table is written."""

    TERMINAL = "terminal"
    JSON = "json"


def validate(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[EXERCISE]...", autocompletion=complete_exercise),
    ] = None,
    mutants: Annotated[
        bool,
        typer.Option(
            "--mutants", help="Change the reference in one place at a time: every mutant must die."
        ),
    ] = False,
    traps: Annotated[
        bool,
        typer.Option(
            "--traps",
            help="Make the reference wrong in one situation at a time, such as two equal sizes:"
            " every trap must be found.",
        ),
    ] = False,
    named: Annotated[
        bool,
        typer.Option(
            "--names",
            help="What the diagnosis calls every wrong answer that the room holds; none may be"
            " called what it is not. With --mutants: what it calls the mutants.",
        ),
    ] = False,
    novel: Annotated[
        bool,
        typer.Option("--novel", help="With --names: as if the room did not hold the one at hand."),
    ] = False,
    right: Annotated[
        list[Path] | None,
        typer.Option(
            "--right", metavar="FILE", help="Answers to one exercise that must get full marks."
        ),
    ] = None,
    calibrate: Annotated[
        bool,
        typer.Option(
            "--calibrate",
            help="Of exercises that train: measure every known answer on as many seeds, and write"
            " down how far from the bar it stays. Goes on where it was left.",
        ),
    ] = False,
    translations: Annotated[
        bool,
        typer.Option(
            "--translations", help="Look only at whether every text is there in each language."
        ),
    ] = False,
    seeds: Annotated[
        int, typer.Option(metavar="K", min=1, help="How many seeds the reference is tried on.")
    ] = 20,
    jobs: Jobs = None,
    course_folder: CourseFolder = None,
) -> None:
    """Prove that the exercises grade fairly: stubs, references, misconceptions, right and wrong."""
    found = course.find(course_folder).original
    _require_answers(found)
    chosen = found.named(names) if names else list(found.exercises)
    if right and len(chosen) != 1:
        raise UsageError(
            "--right speaks of one exercise.", "Name it: grade validate 3 --right FILE"
        )
    from grader.judge.prove import validate as prove

    if translations and not translation.languages(found.folder):
        raise UsageError(
            "This course has no translations.", "One begins with exercises/zh/course.toml."
        )
    jobs = jobs or os.cpu_count() or 1
    if named:
        from grader.judge.prove.names import Asked, measure

        asked = Asked.MUTANTS if mutants else Asked.NOVEL if novel else Asked.KNOWN
        _show_names(measure(chosen, jobs, asked))
        return
    rows: Iterable[tuple[int | str, Iterable[Check]]]
    if calibrate:
        rows = prove.calibrate(chosen, seeds=seeds)
    elif right:
        rows = [(chosen[0].number, prove.validate_right(chosen[0], right))]
    elif translations:
        rows = prove.validate_translations(chosen, jobs)
    elif mutants or traps:
        rows = chain(
            prove.validate_mutants(chosen, jobs) if mutants else (),
            prove.validate_traps(chosen, jobs) if traps else (),
        )
    else:
        rows = prove.validate(chosen, jobs, seeds=seeds)
    if not (names or mutants or traps or calibrate):
        rows = chain(prove.validate_titles(found.folder), rows)
    console = Console()
    problems = 0
    for label, checks in rows:
        for check in checks:
            problems += not check.holds
            mark = "[green]✓[/green]" if check.holds else "[red]✗[/red]"
            console.print(f"{mark} {label:>2}  ", end="")
            console.print(check.text, markup=False, highlight=False, soft_wrap=True)
    console.print(f"\n{problems} problems" if problems else "\nAll of it holds.")
    raise typer.Exit(ExitCode.LESS if problems else ExitCode.FULL_MARKS)


def _require_answers(found: course.Course) -> None:
    """UsageError where the course is what students are given, and there is nothing to prove."""
    if found.exercises and not (found.folder / "solutions").is_dir():
        raise UsageError(
            f"The course in {short(found.folder)} has no answers, and so nothing to prove.",
            "Name the folder that has `solutions` beside `exercises`: --course FOLDER",
        )


def _show_names(measured: "Iterable[Names]") -> None:
    """The table of what wrong answers are called, and each that has no name, or not its own; then
    the share of those that have the right one."""
    console = Console(soft_wrap=True)
    print_ = partial(console.print, markup=False, highlight=False)
    print_("exercise   right  wrong  unnamed  not failed")
    sums = [0, 0, 0, 0]
    told: list[Told] = []
    for each in measured:
        told += each.told
        row = [each.right, len(each.wrong), len(each.unnamed), each.passed]
        sums = [total + count for total, count in zip(sums, row, strict=True)]
        print_(_row(f"{each.number}", row))
        for one in each.wrong:
            print_(f"  ✗ {one.answer} is called {one.named}")
        for one in each.unnamed:
            print_(f"  - {one.answer} is not named")
    print_(_row("all", sums))
    kinds = {
        "wrong answers": told,
        "misconceptions": [one for one in told if one.people],
        "others": [one for one in told if not one.people],
    }
    shares = [f"{_share(those)} {kind}" for kind, those in kinds.items() if those]
    print_(f"\nNamed right: {', '.join(shares if len(shares) > 2 else shares[:1]) or 'none'}.")
    print_(f"Named wrong: {sums[1]}. Not named: {sums[2]}.")
    raise typer.Exit(ExitCode.LESS if sums[1] else ExitCode.FULL_MARKS)


def _share(told: "Sequence[Told]") -> str:
    """How many of them were told what they are: `49 of 50 (98.0%)`."""
    right = sum(one.named is not None and one.is_right for one in told)
    return f"{right} of {len(told)} ({right / len(told):.1%})"


def _row(label: str, counts: "Sequence[int]") -> str:
    right, wrong, unnamed, rest = counts
    return f"{label:>8} {right:>7}{wrong:>7}{unnamed:>9}{rest:>12}"


def strength(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[EXERCISE]...", autocompletion=complete_exercise),
    ] = None,
    format_: Annotated[
        TableFormat, typer.Option("--format", "-f", help="For a person, or for a program.")
    ] = TableFormat.TERMINAL,
    jobs: Jobs = None,
    course_folder: CourseFolder = None,
) -> None:
    """Show how strong the properties are: how many mutants of the reference each of them kills.

    A property that kills none alone is one that could be dropped, as far as mutants tell.
    """
    found = course.find(course_folder).original
    _require_answers(found)
    chosen = found.named(names) if names else list(found.exercises)
    from grader.judge.prove.strength import measure

    measured = measure(chosen, jobs or os.cpu_count() or 1)
    if format_ is TableFormat.JSON:
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
    class_name: Annotated[
        str | None,
        typer.Option("--class", metavar="NAME", help="Ask for this class: CausalMask."),
    ] = None,
    course_folder: CourseFolder = None,
) -> None:
    """Begin an exercise, and a course where there is none: its files, for you to fill.

    `grade validate` then says what is still to be written, in order.
    """
    from grader.course import scaffold

    files = scaffold.create(
        slug, course_folder, after=after, solution=solution, class_name=class_name
    )
    console = Console(soft_wrap=True)
    for path in files:
        console.print(f"wrote {short(path)}", highlight=False, markup=False)
    number = course.load(files[-1].parent.parent).exercise(slug).number
    option = f" --course {course_folder}" if course_folder else ""
    console.print(
        f"\nWhat is yours to write, in order: grade validate {number}{option}",
        style="cyan",
        highlight=False,
        markup=False,
    )
