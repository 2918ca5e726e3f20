"""One code cell as Python: its statements, which of them make up a program, and their text."""

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from operator import not_
from pathlib import Path

from grader.errors import UsageError
from grader.language import say
from grader.notebook.cells import Cell
from grader.notebook.magics import without_magics
from grader.notebook.needs import Effect, effect

MOST_CELLS = 5_000
MOST_LINES = 30_000
MOST_CHARACTERS = 1024 * 1024
MOST_STATEMENTS = 10_000

_DEFINITION = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)


@dataclass
class ParsedCell:
    """A cell as Python. `tree` is None where it is not Python; `effects` belong to `kept`."""

    cell: Cell
    python: list[str]
    tree: ast.Module | None = None
    futures: list[ast.stmt] = field(default_factory=list)
    kept: list[ast.stmt] = field(default_factory=list)
    dropped: list[ast.stmt] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    @cached_property
    def defines(self) -> set[str]:
        """The names that it gives a value; of a cell that is not Python, its functions' names."""
        if self.tree is None:
            return set(_DEFINITION.findall("\n".join(self.python)))
        return {name for each in self.effects for name in each.binds}


def tree_of(python: str) -> ast.Module:
    """`ast.parse` in silence: "\\d" in a string is for the worker to see."""
    with warnings.catch_warnings(action="ignore"):
        return ast.parse(python)


def parse_all(path: Path, cells: Sequence[Cell]) -> list[ParsedCell]:
    """The cells that are not marked to be skipped. UsageError where that is more than can be read,
    or nested too deeply."""
    if len(cells) > MOST_CELLS:
        raise _too_much(path, say("{count:,} cells of code", count=MOST_CELLS))
    if sum(len(cell.text) for cell in cells) > MOST_CHARACTERS:
        raise _too_much(path, say("{count:,} characters of code", count=MOST_CHARACTERS))
    if sum(cell.text.count("\n") for cell in cells) > MOST_LINES:
        raise _too_much(path, say("{count:,} lines of code", count=MOST_LINES))
    found = []
    count = 0
    for cell in cells:
        if not cell.is_skipped:
            found.append(_parse(path, cell))
            count += len(found[-1].kept) + len(found[-1].dropped)
            if count > MOST_STATEMENTS:
                raise _too_many_statements(path)
    return found


def _too_many_statements(path: Path) -> UsageError:
    return _too_much(path, say("{count:,} statements", count=MOST_STATEMENTS))


def _too_much(path: Path, most: str) -> UsageError:
    return UsageError(
        say("{path} has more than {most}, which is the most that is read.", path=path, most=most),
        say("Keep only the exercises' code."),
    )


def _parse(path: Path, cell: Cell) -> ParsedCell:
    python = without_magics(cell.text.split("\n"))
    try:
        tree = tree_of("\n".join(python))
        # IPython lets any cell begin with these; Python wants them before everything else.
        futures = list(_leading_futures(tree))
        hoisted = set(futures)
        statements = [node for node in tree.body if node not in hoisted]
        if len(statements) > MOST_STATEMENTS:
            raise _too_many_statements(path)
        _check(statements)
        keeping = list(map(_is_kept, statements))
        kept = list(compress(statements, keeping))
        dropped = list(compress(statements, map(not_, keeping)))
        text = CellText(python)
        effects = [effect(node, text.of(node)) for node in kept]
    except SyntaxError:
        return ParsedCell(cell, python)
    except (MemoryError, RecursionError):
        raise UsageError(
            say(
                "{path} is nested too deeply to be parsed, in cell {cell}.",
                path=path,
                cell=cell.name,
            ),
            say("Write that expression in several steps."),
        ) from None
    return ParsedCell(cell, python, tree, futures, kept, dropped, effects)


def _check(statements: list[ast.stmt]) -> None:
    """SyntaxError for what only compiling finds: a `return` outside of a function, for one."""
    module = ast.Module(statements, type_ignores=[])
    with warnings.catch_warnings(action="ignore"):
        compile(module, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)


def _leading_futures(tree: ast.Module) -> Iterator[ast.stmt]:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            yield node
        elif not is_idle(node):
            return


def _is_kept(node: ast.stmt) -> bool:
    match node:
        case ast.Expr():
            return is_idle(node)
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            return not _awaits(node)
        case ast.If():
            return not _awaits(node.test) and all(map(_is_kept, node.body + node.orelse))
        case ast.Try() | ast.TryStar():
            return all(map(_is_kept, node.body + node.orelse + node.finalbody))
        case ast.For() | ast.AsyncFor() | ast.While() | ast.With() | ast.AsyncWith() | ast.Match():
            return False
    return not isinstance(node, ast.Assert | ast.Delete | ast.Global | ast.Raise)


def is_idle(node: ast.stmt) -> bool:
    """Whether it does nothing: `pass`, or a text that stands alone."""
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


def _awaits(node: ast.AST) -> bool:
    return any(
        isinstance(part, ast.Await) or (isinstance(part, ast.comprehension) and part.is_async)
        for part in ast.walk(node)
    )


class CellText:
    """The lines of a cell, of which parts are cut out; `ast` counts columns in bytes."""

    def __init__(self, python: Sequence[str]) -> None:
        self._bytes = "\n".join(python).encode()
        self._starts = [0, *(newline.end() for newline in re.finditer(b"\n", self._bytes))]

    def of(self, node: ast.stmt) -> str:
        """The text of a statement, its decorators included."""
        return self._bytes[slice(*self._span(node))].decode()

    def passing_over(self, dropped: Sequence[ast.stmt]) -> list[str]:
        """The lines with `pass` for each dropped statement.

        It stands where the statement ended, so that what shares its first or last line stays legal.
        """
        pieces: list[bytes] = []
        done = 0
        for start, end in sorted(map(self._span, dropped)):
            newlines = self._bytes.count(b"\n", start, end)
            pieces += [self._bytes[done:start], b"\n" * newlines, b"pass"]
            done = end
        return b"".join([*pieces, self._bytes[done:]]).decode().split("\n")

    def _span(self, node: ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._starts[node.lineno - 1] + node.col_offset
        for decorator in getattr(node, "decorator_list", ())[:1]:
            start = self._bytes.rindex(
                b"@", 0, self._starts[decorator.lineno - 1] + decorator.col_offset
            )
        return start, self._starts[node.end_lineno - 1] + node.end_col_offset
