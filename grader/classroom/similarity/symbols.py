"""A Python text as symbols: what is left of it under other names, comments and line breaks.

A name that the text itself gives (a variable, a parameter, a function, an attribute that it sets)
is one symbol, whatever it is; what it calls by its own name is itself, whatever it is imported as.
Strings are one symbol, comments, docstrings and white space none.
"""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from pygments.lexers import PythonLexer
from pygments.token import Comment, Name, String, Text, Whitespace, _TokenType

GIVEN = "given"
STRING = "string"
MOST_BROKEN_LINES = 20


class Symbol(NamedTuple):
    """One symbol, and where in the text it stands: characters from `start` to before `end`."""

    kind: str
    start: int
    end: int


@dataclass
class _Names:
    """What a text names itself, and what it imports under which name."""

    given: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    imported: dict[str, str] = field(default_factory=dict)


def symbols(source: str) -> list[Symbol]:
    """The symbols of a text in order; of one that is no Python as far as it looks like it."""
    names = _names(source)
    found: list[Symbol] = []
    before = ""
    for start, kind, text in PythonLexer(stripnl=False, ensurenl=False).get_tokens_unprocessed(
        source
    ):
        if not text.strip() or _is_silent(kind):
            continue
        symbol = Symbol(_kind(kind, text, before, names), start, start + len(text))
        if symbol.kind == STRING and found and found[-1].kind == STRING:
            symbol = Symbol(STRING, found.pop().start, symbol.end)
        found.append(symbol)
        before = text
    return found


def _is_silent(kind: _TokenType) -> bool:
    return any(kind in silent for silent in (Comment, Text, Whitespace, String.Doc))


def _kind(kind: _TokenType, text: str, before: str, names: _Names) -> str:
    if kind in String:
        return STRING
    if kind not in Name:
        return text
    if before == ".":
        return GIVEN if text in names.attributes else text
    if text in names.imported:
        return names.imported[text]
    return GIVEN if text in names.given else text


def _names(source: str) -> _Names:
    names = _Names()
    tree = _parsed(source)
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                names.given.add(name)
            case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.given.add(name)
            case ast.Attribute(attr=name, ctx=ast.Store()):
                names.attributes.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names.imported.update(_imported(aliases))
    return names


def _parsed(source: str) -> ast.Module:
    """The text's tree, without the lines that are no Python; empty where nothing else is left."""
    lines = source.split("\n")
    for _ in range(MOST_BROKEN_LINES):
        try:
            with warnings.catch_warnings(action="ignore"):  # "\d" in a string
                return ast.parse("\n".join(lines))
        except SyntaxError as error:
            number = min(error.lineno or 1, len(lines)) - 1
            lines[number] = "" if lines[number].strip() == "pass" else _passed_over(lines[number])
        except (ValueError, RecursionError, MemoryError):
            break
    return ast.Module([], [])


def _passed_over(line: str) -> str:
    return line[: len(line) - len(line.lstrip())] + "pass"


def _imported(aliases: list[ast.alias]) -> Iterator[tuple[str, str]]:
    for alias in aliases:
        yield alias.asname or alias.name, alias.name.rpartition(".")[2]
