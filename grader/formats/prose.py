"""Prose for a terminal, also in languages that are written without spaces.

Rich breaks lines at spaces, and Chinese between any two characters, but for the punctuation that
stays with what it closes or opens.
"""

import re
from collections.abc import Iterator

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderableType
from rich.measure import Measurement
from rich.text import Text

WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60"
_OPENING = "（“‘《「【"
_CLOSING = "）”’》」】，。；：！？、…"
_UNIT = re.compile(rf"[{_OPENING}]*(?:[{WIDE}]|[^\s{WIDE}]+|)[{_CLOSING}]*\s*")


def prose(text: str, style: str = "") -> RenderableType:
    """`text` as something to print, in lines that fit the room that there is."""
    return Prose(text, style) if re.search(f"[{WIDE}]", text) else Text(text, style)


class Prose:
    """Text with wide characters in it."""

    def __init__(self, text: str, style: str) -> None:
        self._text = text
        self._style = style

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[Text]:
        for line in self._text.split("\n"):
            for part in broken(line, options.max_width):
                yield Text(part, self._style)

    def __rich_measure__(self, _: Console, options: ConsoleOptions) -> Measurement:
        widest = max(map(cell_len, self._text.split("\n")))
        return Measurement(2, widest).with_maximum(options.max_width)


def broken(line: str, width: int) -> Iterator[str]:
    """`line` in parts of `width` columns at most."""
    part = ""
    for unit in _UNIT.findall(line):
        if part.strip() and cell_len(part + unit.rstrip()) > width:
            yield part.rstrip()
            part = ""
        part += unit
        if cell_len(part.rstrip()) > width:  # a word too long for any line
            *full, part = chop_cells(part, width)
            yield from full
    yield part.rstrip()
