"""One code cell as Python: its statements, which of them make up a program, and their text."""

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from grader.errors import UsageError
from grader.language import say
from grader.submission.notebook.cells import Cell
from grader.submission.notebook.magics import without_magics

MOST_CELLS = 5_000
MOST_LINES = 30_000
MOST_CHARACTERS = 1024 * 1024
MOST_STATEMENTS = 10_000

_DEFINITION = re.compile(r"^[ \t]*(?:async[ \t]+def|def|class)[ \t]+(\w+)", re.MULTILINE)


@dataclass
class ParsedCell:
    """A cell as Python. `tree` is None where it is not Python. `statements` are all but those of
    `futures`; `dropped` are those that only try something out by their form, and are not run unless
    an answer needs them."""

    cell: Cell
    python: list[str]
    tree: ast.Module | None = None
    futures: list[ast.stmt] = field(default_factory=list)
    statements: list[ast.stmt] = field(default_factory=list)
    dropped: list[ast.stmt] = field(default_factory=list)

    @cached_property
    def defines(self) -> set[str]:
        """The names that what it keeps gives a value; of a cell that is not Python, its functions'
        names."""
        if self.tree is None:
            return set(_DEFINITION.findall("\n".join(self.python)))
        dropped = set(self.dropped)
        return {name for each in self.statements if each not in dropped for name in _bound(each)}


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
            count += len(found[-1].statements)
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
        dropped = [node for node in statements if not _is_kept(node)]
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
    return ParsedCell(cell, python, tree, futures, statements, dropped)


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


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that a statement gives a value."""
    match node:
        case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
            yield name
        case ast.alias(name, asname):
            yield asname or name.partition(".")[0]
        case ast.Name(name, ast.Store()):
            yield name
        case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _bound(child)


def awaits(node: ast.AST) -> bool:
    """Whether a statement awaits something itself, which only IPython can do."""
    if isinstance(node, ast.AsyncFor | ast.AsyncWith | ast.Await):
        return True
    if isinstance(node, ast.comprehension) and node.is_async:
        return True
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return False
    return any(map(awaits, ast.iter_child_nodes(node)))


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

        It stands where the statement ended, so that what shares its first or last line stays legal;
        within a block, where it began, and goes on to where it ended.
        """
        pieces: list[bytes] = []
        done = 0
        for (start, end), is_inside in sorted((self._span(n), n.col_offset > 0) for n in dropped):
            newlines = self._bytes.count(b"\n", start, end)
            passed = b"pass" + b"\\\n" * newlines if is_inside else b"\n" * newlines + b"pass"
            pieces += [self._bytes[done:start], passed]
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
