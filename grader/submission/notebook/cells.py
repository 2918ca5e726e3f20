"""The code cells of an `.ipynb` file, and which exercise each is marked as belonging to."""

import json
import re
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.language import say
from grader.submission.notebook.magics import without_magics

MARK = "grade:"
SKIP = "skip"
KEEP = "keep"
FEEDBACK = "feedback"
MOST_TO_UPGRADE = 1024 * 1024  # characters; it takes long

MOST_OF_TEXT = 10_000  # characters of a text cell that are looked at

_FUNCTION = re.compile(r"^[ \t]*(?:def[ \t]+\w+[ \t]*\(|class[ \t]+\w+[ \t]*[(:])", re.MULTILINE)
_MARK_IN_A_COMMENT = re.compile(r"#\s*grade:\s*([\w-]+)\s*$", re.MULTILINE)


class Kind(StrEnum):
    """What a notebook takes a cell for."""

    CODE = "code"
    RAW = "raw"
    MARKDOWN = "markdown"


@dataclass(frozen=True)
class Cell:
    """One cell; `name` is what a person calls it, such as `3` or `[7]`.

    `marks` are the tags that begin with `grade:`, without it: `skip`, `keep`, or an exercise's
    name. A cell that is `stale` is how another one read when it ran before.
    """

    name: str
    text: str
    marks: frozenset[str] = frozenset()
    stale: bool = False
    kind: Kind = Kind.CODE

    @property
    def is_kept(self) -> bool:
        """Whether it is marked to be run as it is, all of it."""
        return KEEP in self.marks

    @property
    def is_skipped(self) -> bool:
        """Whether it is marked to be left out."""
        return SKIP in self.marks


def is_feedback(cell: dict[str, Any]) -> bool:
    """Whether a cell of a notebook was put there by `grade feedback`."""
    is_text = cell.get("cell_type") == "markdown"
    return is_text and FEEDBACK in _marks_in_tags(cell.get("metadata"))


def code_cells(path: Path, text: str) -> list[Cell]:
    """The code cells in the text of a notebook, and those text cells that hold a function by
    mistake. UsageError where it is none.

    Cells are counted from 1 from the top, text cells too, as a person counts who scrolls through
    it; the `[7]` beside a cell only says when it last ran. Feedback is not counted.
    """
    cells = all_cells(path, notebook(path, text))
    own = (cell for cell in cells if not is_feedback(cell))
    found = []
    for number, cell in enumerate(own, 1):
        kind = cell.get("cell_type")
        if kind == Kind.CODE:
            source = cell.get("source", "")
            found.append(code_cell(path, str(number), source, cell.get("metadata")))
        elif kind in (Kind.RAW, Kind.MARKDOWN) and (text := _function_in(cell)):
            found.append(Cell(str(number), text, kind=Kind(kind)))
    return found


def _function_in(cell: dict[str, Any]) -> str:
    """The text of a text cell, from the first line that defines a function; empty without one."""
    source = cell.get("source", "")
    pieces = source if isinstance(source, list) else [source]
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    found = _FUNCTION.search(text)
    return text[found.start() :][:MOST_OF_TEXT] if found else ""


def code_cell(path: Path, name: str, source: object, metadata: object = None) -> Cell:
    """The cell of that text, which Jupyter may also keep as a list of lines.

    It is marked by its tags and by comments `# grade:...` anywhere in it. UsageError where the text
    is damaged.
    """
    text = _text_of(path, name, source)
    return Cell(name, text, _marks_in_tags(metadata) | _marks_in_text(text))


def all_cells(path: Path, content: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells of a notebook in format 4, as they stand in it. UsageError where one is damaged."""
    cells = content.get("cells")
    if not isinstance(cells, list):
        raise _no_notebook(path, say("it has no list of cells"))
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict):
            raise _no_notebook(path, say("its cell {number} is damaged", number=number))
    return cells


def notebook(path: Path, text: str) -> dict[str, Any]:
    """A notebook in format 4, its schema not enforced: Jupyter too opens what is nearly right."""
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        reason = say(
            "its JSON breaks at line {line}, column {column}",
            line=error.lineno,
            column=error.colno,
        )
        raise _no_notebook(path, reason) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, or brackets as deep
        raise _no_notebook(path, say("its JSON goes beyond what can be parsed")) from None
    if not isinstance(content, dict) or type(content.get("nbformat")) is not int:
        raise _no_notebook(path, say("its JSON is that of something else"))
    if content["nbformat"] == 4:
        return content
    if len(text) > MOST_TO_UPGRADE:
        raise _not_upgraded(path)
    return _upgraded(path, text)


def _marks_in_tags(metadata: object) -> frozenset[str]:
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    if not isinstance(tags, list):
        return frozenset()
    marks = (tag for tag in tags if isinstance(tag, str) and tag.startswith(MARK))
    return frozenset(mark.removeprefix(MARK).lower() for mark in marks)


def _marks_in_text(text: str) -> frozenset[str]:
    if not _MARK_IN_A_COMMENT.search(text):
        return frozenset()
    found = (_MARK_IN_A_COMMENT.match(comment.rstrip()) for comment in _comments(text))
    return frozenset(match[1].lower() for match in found if match)


def _comments(text: str) -> Iterator[str]:
    """The comments of a cell; in what Python cannot read, the lines that begin as one does."""
    lines = without_magics(text.split("\n"))
    tokens = tokenize.generate_tokens(iter([f"{line}\n" for line in lines]).__next__)
    end = 0
    try:
        for token in tokens:
            end = token.end[0]
            if token.type == tokenize.COMMENT:
                yield token.string
    except (tokenize.TokenError, SyntaxError):
        pass
    # A magic may have taken one away, and what follows an error has not been read.
    broken = text.split("\n")
    for number, line in enumerate(broken):
        if line.lstrip().startswith("#") and (number >= end or lines[number] != line):
            yield line.strip()


def _upgraded(path: Path, text: str) -> dict[str, Any]:
    import nbformat  # slow to import, and only notebooks from before 2015 need it
    from nbformat import reader

    try:
        with warnings.catch_warnings(action="ignore"):
            return dict(nbformat.convert(reader.reads(text), 4))
    except Exception:  # damage makes it raise anything: KeyError, AttributeError, ValueError, ...
        raise _not_upgraded(path) from None


def _not_upgraded(path: Path) -> UsageError:
    return UsageError(
        say("{path} is in a notebook format that cannot be read.", path=path),
        say("Open it in Jupyter and save it again, which writes format 4."),
    )


def _no_notebook(path: Path, reason: str) -> UsageError:
    return UsageError(
        say("{path} is no notebook: {reason}.", path=path, reason=reason),
        say("Save it again from Jupyter."),
    )


def _text_of(path: Path, name: str, source: object) -> str:
    pieces: list[Any] = source if isinstance(source, list) else [source]
    try:
        text = "".join(pieces)
    except TypeError:
        reason = say("the text of its cell {cell} is damaged", cell=name)
        raise _no_notebook(path, reason) from None
    # JSON can spell out what no text file can hold.
    if bad := re.search("[\0\ud800-\udfff]", text):
        raise UsageError(
            say(
                "{path} has the character {character} in cell {cell}, which is no text.",
                path=path,
                character=f"U+{ord(bad[0]):04X}",
                cell=name,
            ),
            say("Delete it, or type that line anew."),
        )
    return with_plain_line_ends(text)


def with_plain_line_ends(text: str) -> str:
    """`text` with the line ends that Python itself would see."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
