"""Docstrings for a terminal that is narrower than the file they were written in.

A paragraph is filled again; a formula stays a line, and what is said of it beside it wraps in its
own column.
"""

import re
from collections.abc import Iterator
from itertools import groupby, pairwise

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.text import Text

from grader.formats.prose import WIDE, broken

_GAP = re.compile(r"(?<=\S) {2,}(?=\S)")
_BESIDE = re.compile(r"(?<=\S) {2,}(?=[^\s=])")  # not what sets equals signs in a column
_ENDS = re.compile("[.:;?!。：；？！]$")
_HELD = re.compile(r"(?<=[:|>=]) | (?=[|=])")
_HOLD = "\ue000"
_LEAST = 20  # columns for what is said beside formulas; in fewer it stands below them


class Docstring:
    """A docstring to print, in lines that fit the room that there is."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[Text]:
        for line in fitted(self._text, options.max_width).split("\n"):
            yield Text(line)


def fitted(text: str, width: int) -> str:
    """`text` in lines of `width` columns at most; what fits is left as it is."""
    lines: list[str] = []
    for is_blank, group in groupby(text.split("\n"), key=lambda line: not line.strip()):
        block = [line.rstrip() for line in group]
        if is_blank or max(map(cell_len, block)) <= width:
            lines += block
        elif any(_GAP.search(line) for line in block):
            lines += _formulas(block, width)
        else:
            for indent, run in groupby(block, key=_indent):
                lines += _filled(list(run), indent, width)
    return "\n".join(lines)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _filled(run: list[str], indent: int, width: int) -> Iterator[str]:
    """Lines of one paragraph, filled; a sentence that ended early on purpose still ends there."""
    longest = max(map(cell_len, run))
    joined = run[0]
    for before, line in pairwise(run):
        word = re.match(rf"\s*([^\s{WIDE}]+|.)", line)
        had_room = word is not None and cell_len(f"{before} {word[1]}") <= longest
        if had_room and _ENDS.search(before):
            yield from _wrapped(joined, indent, indent, width)
            joined = line
        else:
            line = line.lstrip()
            is_wide = re.search(f"[{WIDE}]$", joined) or re.match(f"[{WIDE}]", line)
            joined += line if is_wide else f" {line}"
    yield from _wrapped(joined, indent, indent, width)


def _wrapped(line: str, indent: int, hanging: int, width: int) -> Iterator[str]:
    """`line` from column `indent` on, and what does not fit from column `hanging` on."""
    line = line.strip()
    if line.startswith("def "):
        hanging = indent + 8
        line = _held(line)
    if indent + cell_len(line) <= width:
        yield " " * indent + line.replace(_HOLD, " ")
        return
    # The first part is as short as all others: broken anew in their width, it could be longer.
    for number, part in enumerate(broken(line, max(1, width - hanging))):
        start = hanging if number else indent
        yield " " * start + part.replace(_HOLD, " ")


def _held(signature: str) -> str:
    """A signature whose spaces are held, but for those between two parameters."""
    depth, held = 0, ""
    for sign in signature:
        depth += (sign == "[") - (sign == "]")
        held += _HOLD if sign == " " and depth else sign
    return _HELD.sub(_HOLD, held)


def _formulas(block: list[str], width: int) -> Iterator[str]:
    """Formulas with what is said of them, which begins in one column."""
    column = max((gap.end() for line in block for gap in _BESIDE.finditer(line)), default=0)
    rows: list[tuple[str, str]] = []
    for line in block:
        if _indent(line) == column and rows and rows[-1][1]:
            formula, said = rows.pop()
            rows.append((formula, f"{said} {line.strip()}"))
        elif any(gap.end() == column for gap in _BESIDE.finditer(line)):
            rows.append((line[:column].rstrip(), line[column:]))
        else:
            rows.append((line, ""))
    column = max((cell_len(formula) for formula, said in rows if said), default=0) + 2
    for formula, said in rows:
        indent = _indent(formula)
        if not said:
            equals = formula.find("= ")
            hanging = equals + 2 if 0 <= equals < width // 2 else indent + 4
            yield from _wrapped(formula, indent, hanging, width)
        elif column + _LEAST <= width:
            first, *rest = broken(said, width - column)
            yield formula + " " * (column - cell_len(formula)) + first
            yield from (" " * column + part for part in rest)
        elif cell_len(formula) + 2 + cell_len(said) <= width:
            yield f"{formula}  {said}"
        else:
            yield from _wrapped(formula, indent, indent + 4, width)
            yield from _wrapped(said, indent + 8, indent + 8, width)
