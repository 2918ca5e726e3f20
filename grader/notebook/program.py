"""The code cells of a notebook, put together to the one Python text that is graded.

What makes up a program is kept: imports, functions, classes, assignments, and an `if` or a `try`
that holds nothing else (the handlers of a `try` may hold anything). What tries a program out
becomes `pass`: bare calls, loops, `with`, `del`, `assert`, `raise`, what awaits, and what only
IPython understands (`%magic`, `!command`, `name?`). A cell marked `grade:skip` is left out, and so
is one in another language (`%%bash`).

For an exercise, what its functions need is kept of that, and nothing else. Where several cells
give the same name a value, the exercise's own cells and those of no exercise come before those of
other exercises. A cell is an exercise's by a mark such as `grade:3`, or else by the functions that
it defines. A cell that is not Python is passed over unless it may be the answer.

Nothing moves: every line keeps its number in its cell.
"""

import ast
from collections.abc import Sequence
from dataclasses import replace
from itertools import compress
from operator import not_
from pathlib import Path
from typing import NamedTuple

from grader import course
from grader.course import Course, Exercise
from grader.errors import UsageError
from grader.language import say
from grader.notebook.cells import Cell
from grader.notebook.needs import needed
from grader.notebook.statements import CellText, ParsedCell, is_idle, parse_all


class Place(NamedTuple):
    """Where in a notebook a graded line comes from, and what the student wrote there.

    `cell` is the cell's name; lines count from 1.
    """

    cell: str
    line: int
    text: str


def assemble(
    path: Path, cells: Sequence[Cell], wanted: Exercise | None = None
) -> tuple[str, tuple[Place, ...]]:
    """The text that is graded, and for each of its lines the place it comes from.

    With `wanted`, what the answer to that exercise needs. A cell that is not Python ends the text;
    with `wanted`, one that may be the answer is all of it: grading will report it. UsageError where
    there is no code, or more than can be read.
    """
    if wanted is not None:
        return assemble_each(path, cells, [wanted])[0]
    parsed = _parsed(path, cells)
    broken = next((index for index, each in enumerate(parsed) if each.tree is None), None)
    # The error stays in its own cell: an open bracket would take in the cells below.
    return _joined(parsed if broken is None else parsed[: broken + 1])


def assemble_each(
    path: Path, cells: Sequence[Cell], wanted: Sequence[Exercise]
) -> list[tuple[str, tuple[Place, ...]]]:
    """What `assemble` gives for each of several exercises of one course; nothing is read twice."""
    parsed = _parsed(path, cells)
    owners = _Owners(course.load(wanted[0].course))
    return [_assembled(list(map(_afresh, parsed)), exercise, owners) for exercise in wanted]


def _parsed(path: Path, cells: Sequence[Cell]) -> list[ParsedCell]:
    parsed = parse_all(path, cells)
    if not any(line.strip() for each in parsed for line in each.python):
        raise UsageError(
            say("{path} has no Python code to grade.", path=path),
            say("Write the solution in a code cell that is not tagged grade:skip."),
        )
    return parsed


def _afresh(parsed: ParsedCell) -> ParsedCell:
    """The same cell, of which something else may be kept."""
    lists = (parsed.futures, parsed.kept, parsed.dropped)
    futures, kept, dropped = map(list, lists)
    return replace(parsed, futures=futures, kept=kept, dropped=dropped)


def _assembled(
    parsed: Sequence[ParsedCell], wanted: Exercise, owners: "_Owners"
) -> tuple[str, tuple[Place, ...]]:
    if not_python := _answer_that_is_not_python(parsed, wanted.functions):
        return _joined([not_python])
    parsed = [each for each in parsed if each.tree is not None]
    _keep_what_is_needed(parsed, wanted, owners)
    return _joined(parsed)


def answers(path: Path, cells: Sequence[Cell], found: Course) -> dict[Exercise, Cell]:
    """The exercises that a notebook has functions of, in the order of the course; with each, the
    last cell that defines one of them. UsageError as from `assemble`."""
    parsed = parse_all(path, cells)
    owners = _Owners(found)
    last = {}
    for each in parsed:
        of = owners(each)
        for exercise in found.exercises:
            if exercise.number in of and not each.defines.isdisjoint(exercise.functions):
                last[exercise] = each.cell
    return {exercise: last[exercise] for exercise in found.exercises if exercise in last}


# What of the cells an exercise needs


def _answer_that_is_not_python(
    parsed: Sequence[ParsedCell], functions: Sequence[str]
) -> ParsedCell | None:
    """The cell that is not Python and would be the last to define one of the functions; where one
    is defined nowhere, the first that is not Python."""
    parsed = [each for each in parsed if not each.cell.stale]
    for function in functions:
        defining = [each for each in parsed if function in each.defines]
        if defining and defining[-1].tree is None:
            return defining[-1]
    if {name for each in parsed for name in each.defines}.issuperset(functions):
        return None
    return next((each for each in parsed if each.tree is None), None)


def _keep_what_is_needed(parsed: Sequence[ParsedCell], wanted: Exercise, owners: "_Owners") -> None:
    """Move the statements that the exercise does not need from those kept to those dropped."""
    lent = [bool(of := owners(each)) and wanted.number not in of for each in parsed]
    of_cell = [each for each, cell in enumerate(parsed) for _ in cell.effects]
    keep = needed(
        [each for cell in parsed for each in cell.effects],
        wanted.functions,
        lent={index for index, each in enumerate(of_cell) if lent[each]},
        stale={index for index, each in enumerate(of_cell) if parsed[each].cell.stale},
    )
    first = 0
    for cell, is_lent in zip(parsed, lent, strict=True):
        used = [first + index in keep or is_idle(node) for index, node in enumerate(cell.kept)]
        first += len(used)
        cell.dropped += compress(cell.kept, map(not_, used))
        cell.kept = list(compress(cell.kept, used))
        if is_lent and all(map(is_idle, cell.kept)):
            cell.dropped += cell.futures
            cell.futures = []


class _Owners:
    """Tells whose a cell is; every name of an exercise is looked up, none searched for."""

    def __init__(self, found: Course) -> None:
        self._numbers = {
            name: exercise.number
            for exercise in reversed(found.exercises)
            for name in (exercise.slug, exercise.stem, f"ex{exercise.number:02d}")
        }
        self._existing = {exercise.number for exercise in found.exercises}
        self._giving: dict[str, set[int]] = {}
        for exercise in found.exercises:
            for function in exercise.functions:
                self._giving.setdefault(function, set()).add(exercise.number)

    def __call__(self, parsed: ParsedCell) -> set[int]:
        """The numbers of the exercises that a cell belongs to."""
        found = map(self._marked, parsed.cell.marks)
        marked = {number for number in found if number is not None}
        if marked:
            return marked
        giving = parsed.defines & self._giving.keys()
        return {number for name in giving for number in self._giving[name]}

    def _marked(self, mark: str) -> int | None:
        name = mark.strip().lower().removesuffix(".py")
        if (number := self._numbers.get(name)) is None and name.isdecimal() and len(name) < 10:
            number = int(name) if int(name) in self._existing else None
        return number


def _joined(parsed: Sequence[ParsedCell]) -> tuple[str, tuple[Place, ...]]:
    futures: list[tuple[str, Place]] = []
    body: list[tuple[str, Place]] = []
    for each in parsed:
        written = each.cell.text.split("\n")
        places = [Place(each.cell.name, line, own) for line, own in enumerate(written, 1)]
        futures += [(ast.unparse(node), places[node.lineno - 1]) for node in each.futures]
        python = CellText(each.python).passing_over([*each.futures, *each.dropped])
        body += zip(python, places, strict=True)
    source = "".join(f"{line}\n" for line, _ in futures + body)
    return source, tuple(place for _, place in futures + body)
