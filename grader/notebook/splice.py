"""The text of a notebook, into which cells can be put without a change to the others."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_DECODER = json.JSONDecoder()
_SPACE = " \t\n\r"


@dataclass(frozen=True)
class CellTexts:
    """The text of each cell, and what is around them; `gap` stands between a comma and a cell."""

    before: str
    cells: tuple[str, ...]
    after: str
    gap: str

    @classmethod
    def of(cls, text: str) -> "CellTexts":
        """Take apart what `json.loads` has read as an object with a list of cells.

        Of several entries of that name the last counts, as for `json.loads`.
        """
        found = None
        at = _past_space(text, text.index("{") + 1)
        while text[at] == '"':
            key, at = _DECODER.raw_decode(text, at)
            at = _past_space(text, _past_space(text, at) + 1)
            if key == "cells":
                start = at
                spans, at = _items(text, at)
                found = start, spans
            else:
                _, at = _DECODER.raw_decode(text, at)
            at = _past_space(text, at)
            if text[at] == ",":
                at = _past_space(text, at + 1)
        assert found is not None
        start, spans = found
        first, last = spans[0][0], spans[-1][1]
        gap = text[start + 1 : first]
        cells = tuple(text[a:b] for a, b in spans)
        return cls(text[:first], cells, text[last:], gap)

    def written(self, cell: Mapping[str, Any]) -> str:
        """A cell in the style of the others."""
        if "\n" not in self.gap:
            return json.dumps(cell, ensure_ascii=False)
        lines = json.dumps(cell, ensure_ascii=False, indent=1, sort_keys=True)
        return lines.replace("\n", "\n" + self.gap.rpartition("\n")[2])

    def with_cells(self, cells: Sequence[str]) -> str:
        """The text with these cells."""
        return self.before + f",{self.gap}".join(cells) + self.after


def _items(text: str, at: int) -> tuple[list[tuple[int, int]], int]:
    """Where the items of the list that begins at `at` stand, and where it ends."""
    spans = []
    at = _past_space(text, at + 1)
    while text[at] != "]":
        _, end = _DECODER.raw_decode(text, at)
        spans.append((at, end))
        at = _past_space(text, end)
        if text[at] == ",":
            at = _past_space(text, at + 1)
    return spans, at + 1


def _past_space(text: str, at: int) -> int:
    while text[at] in _SPACE:
        at += 1
    return at
