"""The code cells of a notebook, put together to the one Python text that is graded.

For an exercise, what its functions need is kept, and nothing else: whatever gives or changes a name
that they use, at whatever remove (`needs`). A cell marked `grade:keep` is kept whole. Where several
cells give the same name a value, the exercise's own cells and those of no exercise come before
those of other exercises. A cell is an exercise's by a mark such as `grade:3`, or else by the
functions that it defines. A cell that is not Python is passed over unless it may be the answer.

Without an exercise, what makes up a program is kept by its form: imports, functions, classes,
assignments, and an `if` or a `try` that holds nothing else.

What is not kept becomes `pass`, and so does what only IPython understands (`%magic`, `!command`,
`name?`), or awaits. A cell marked `grade:skip` is left out, and one in another language (`%%bash`).

Nothing moves: every line keeps its number in its cell.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from grader.course import model as course
from grader.course.model import Course, Exercise
from grader.errors import UsageError
from grader.language import say
from grader.submission.notebook.cells import Cell, Kind
from grader.submission.notebook.changes import Notebook
from grader.submission.notebook.needs import Unit, inside_of, needed, units_of
from grader.submission.notebook.statements import CellText, ParsedCell, awaits, is_idle, parse_all

MOST_LEFT_OUT = 100  # places that are told of, and of each the names
MOST_NAMES = 50
MOST_LOOKED_AT = 10_000  # characters of a cell in another language

_DOING = (ast.Expr, ast.For, ast.While, ast.With, ast.If, ast.Try, ast.Match, ast.AsyncFor,
          ast.AsyncWith)  # fmt: skip
_DEFINED = re.compile(r"^[ \t]*(?:async[ \t]+def|def|class)[ \t]+(\w+)", re.MULTILINE)


class Place(NamedTuple):
    """Where in a notebook a graded line comes from, and what the student wrote there.

    `cell` is the cell's name; lines count from 1.
    """

    cell: str
    line: int
    text: str


class LeftOut(NamedTuple):
    """Lines of a notebook that are not run, though another statement may need what they do.

    `place` is what a person calls them; `names` are those that they speak of; `gives` says whether
    they seem to do more than show something.
    """

    place: str
    names: tuple[str, ...]
    gives: bool


class Program(NamedTuple):
    """The text that is graded, and for each of its lines the place it comes from.

    `elsewhere`: for functions that no code of the notebook defines, the sentence that says where
    they stand instead.
    """

    source: str
    lines: tuple[Place, ...]
    left_out: tuple[LeftOut, ...] = ()
    elsewhere: tuple[tuple[str, str], ...] = ()


def program(path: Path, cells: Sequence[Cell], wanted: Exercise | None = None) -> Program:
    """What is graded of a notebook's cells.

    With `wanted`, what the answer to that exercise needs. A cell that is not Python ends the text;
    with `wanted`, one that may be the answer is all of it: grading will report it. UsageError where
    there is no code, or more than can be read.
    """
    if wanted is not None:
        return programs(path, cells, [wanted])[0]
    parsed = _parsed(path, cells)
    broken = next((index for index, each in enumerate(parsed) if each.tree is None), None)
    # The error stays in its own cell: an open bracket would take in the cells below.
    return Program(*_joined(parsed if broken is None else parsed[: broken + 1]))


def programs(path: Path, cells: Sequence[Cell], wanted: Sequence[Exercise]) -> list[Program]:
    """What `program` gives for each of several exercises of one course; nothing is read twice."""
    parsed = _parsed(path, cells)
    owners = _Owners(course.load(wanted[0].course))
    return [_program(list(map(_afresh, parsed)), cells, each, owners) for each in wanted]


def _parsed(path: Path, cells: Sequence[Cell]) -> list[ParsedCell]:
    parsed = parse_all(path, [cell for cell in cells if cell.kind is Kind.CODE])
    if not any(line.strip() for each in parsed for line in each.python):
        raise UsageError(
            say("{path} has no Python code to grade.", path=path),
            next(
                (where for _, where in _elsewhere(cells, None)),
                say("Write the solution in a code cell that is not tagged grade:skip."),
            ),
        )
    return parsed


def _afresh(parsed: ParsedCell) -> ParsedCell:
    """The same cell, of which something else may be kept."""
    lists = (parsed.futures, parsed.statements, parsed.dropped)
    futures, statements, dropped = map(list, lists)
    return replace(parsed, futures=futures, statements=statements, dropped=dropped)


def _program(
    parsed: Sequence[ParsedCell], cells: Sequence[Cell], wanted: Exercise, owners: "_Owners"
) -> Program:
    if not_python := _answer_that_is_not_python(parsed, wanted.names):
        return Program(*_joined([not_python]))
    defined = {name for each in parsed for name in each.defines}
    elsewhere = _elsewhere(cells, set(wanted.names) - defined)
    foreign = [each for each in parsed if each.tree is not None and not any(each.python)]
    parsed = [each for each in parsed if each.tree is not None]
    others = _keep_what_is_needed(parsed, wanted, owners)
    left_out = [place for each in parsed if each not in others for place in _left_out(each)]
    left_out += [_left_out_whole(each) for each in foreign if each.cell.text.strip()]
    return Program(*_joined(parsed), tuple(left_out[:MOST_LEFT_OUT]), tuple(elsewhere))


def _elsewhere(
    cells: Sequence[Cell], functions: AbstractSet[str] | None
) -> Iterator[tuple[str, str]]:
    """The functions that stand where no code is run, each with a sentence that says so; with None
    all that are found."""
    for cell in cells:
        magic = re.match(r"\s*%%(\w+)[ \t]*(\S*)", cell.text)
        if cell.kind is Kind.CODE and not cell.is_skipped and not magic:
            continue
        for name in dict.fromkeys(_DEFINED.findall(cell.text)):
            if functions is not None and name not in functions:
                continue
            if cell.kind is not Kind.CODE:
                where = say(
                    "Cell {cell} defines `{name}`, but it is a text cell (Raw or Markdown), which"
                    " is not run: make it a Code cell.",
                    cell=cell.name,
                    name=name,
                )
            elif cell.is_skipped:
                where = say(
                    "Cell {cell} defines `{name}`, but is tagged grade:skip: take the tag away.",
                    cell=cell.name,
                    name=name,
                )
            else:
                assert magic is not None
                where = say(
                    "Cell {cell} holds `{name}`, but begins with `%%{magic}`, and so is not run as"
                    " a part of the notebook: delete that line.",
                    cell=cell.name,
                    name=name,
                    magic=magic[1],
                )
            yield name, where


def _left_out(parsed: ParsedCell) -> Iterator[LeftOut]:
    """The statements of a cell that are not run, and the lines that only IPython understands."""
    for node in parsed.dropped:
        if is_idle(node):
            continue
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        words = set(_words(node))
        yield LeftOut(
            _lines_of(parsed.cell, first, node.end_lineno or first),
            tuple(sorted(words)[:MOST_NAMES]),
            isinstance(node, _DOING) and not _only_shows(node),
        )
    for number, (written, python) in enumerate(
        zip(parsed.cell.text.split("\n"), parsed.python, strict=True), 1
    ):
        if python.strip() in ("pass", "") and written.lstrip().startswith("%run"):
            yield LeftOut(_lines_of(parsed.cell, number, number), (), True)


def _words(node: ast.stmt) -> Iterator[str]:
    """What a statement speaks of, by whatever means; of a definition nothing, which is only left
    out where another has replaced it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    for each in ast.walk(node):
        match each:
            case ast.Name(word) | ast.keyword(word) | ast.Constant(str(word)) if word:
                yield word
            case ast.alias(name, asname):
                yield asname or name
            case ast.Global(names):
                yield from names


def _only_shows(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(ast.Call(ast.Name("print" | "display" | "help"))) | ast.Assert():
            return True
    return False


def _left_out_whole(parsed: ParsedCell) -> LeftOut:
    words = re.findall(r"\w+", parsed.cell.text[:MOST_LOOKED_AT])
    last = len(parsed.python)
    return LeftOut(_lines_of(parsed.cell, 1, last), tuple(dict.fromkeys(words))[:MOST_NAMES], False)


def _lines_of(cell: Cell, first: int, last: int) -> str:
    if first == last:
        return say("cell {cell}, line {line}", cell=cell.name, line=first)
    return say("cell {cell}, lines {first} to {last}", cell=cell.name, first=first, last=last)


def answers(path: Path, cells: Sequence[Cell], found: Course) -> dict[Exercise, Cell]:
    """The exercises that a notebook has functions of, in the order of the course; with each, the
    last cell that defines one of them. UsageError as from `program`."""
    parsed = parse_all(path, cells)
    owners = _Owners(found)
    last = {}
    for each in parsed:
        of = owners(each)
        for exercise in found.exercises:
            if exercise.number in of and not each.defines.isdisjoint(exercise.names):
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


def _keep_what_is_needed(
    parsed: Sequence[ParsedCell], wanted: Exercise, owners: "_Owners"
) -> Sequence[ParsedCell]:
    """Have dropped what the exercise does not need, and nothing else; the cells that belong to
    other exercises, or are there no more."""
    lent = [bool(of := owners(each)) and wanted.number not in of for each in parsed]
    notebook = Notebook([n for each in parsed for n in each.statements], wanted.names)
    units: list[Unit] = []
    of_cell: list[int] = []
    count = 0
    for number, cell in enumerate(parsed):
        text = CellText(cell.python)
        only_tried = set(cell.dropped)
        for node in cell.statements:
            count += 1
            if not awaits(node):
                own = units_of(
                    *(count, node, text.of(node), notebook, len(units)),
                    is_certain=node not in only_tried,
                )
                units += own
                of_cell += [number] * len(own)
    keep = needed(
        units,
        wanted.names,
        lent={index for index, each in enumerate(of_cell) if lent[each]},
        stale={index for index, each in enumerate(of_cell) if parsed[each].cell.stale},
        kept={index for index, each in enumerate(of_cell) if parsed[each].cell.is_kept},
    )
    used = {units[index].node for index in keep}
    for cell, is_lent in zip(parsed, lent, strict=True):
        cell.dropped = list(_unused(cell.statements, used))
        if is_lent and not any(node in used for node in cell.statements):
            cell.dropped += cell.futures
            cell.futures = []
    return [cell for cell, is_lent in zip(parsed, lent, strict=True) if is_lent or cell.cell.stale]


def _unused(nodes: Iterable[ast.stmt], used: AbstractSet[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that are not used, with those inside of used ones."""
    for node in nodes:
        if node not in used:
            if not is_idle(node):
                yield node
        else:
            yield from _unused(inside_of(node), used)


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
            for function in exercise.names:
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
