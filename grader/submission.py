"""What a student hands in: found, checked, and turned into the Python text that is graded.

A `.py` file is graded as it stands. Of a notebook's code cells, `grader/notebook/program.py` makes
one text; its lines keep their places, and `Submission.where` gives them back.

Nothing of it is parsed in this process: `limited` has one with limits.
"""

import ast
import hashlib
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grader import limited
from grader.course import Exercise
from grader.errors import UsageError
from grader.language import say
from grader.notebook.cells import Cell, code_cells, with_plain_line_ends
from grader.notebook.program import Place, assemble, assemble_each
from grader.notebook.statements import tree_of

MAX_BYTES = 1 << 20
MAX_NOTEBOOK_BYTES = 8 << 20  # plots and reports are in it
SUFFIXES = (".py", ".ipynb")


@dataclass(frozen=True)
class Submission:
    """One file that a student hands in; `lines` and `cells` are empty unless it is a notebook.

    A notebook may answer several exercises: `source` is all that it defines, until `answer_to` has
    picked out what one of them needs. `is_too_much`: reading it took more than is given, and there
    is no source. `definitions` are the lines of its functions, once somebody has looked.
    """

    path: Path
    sha256: str
    source: str
    lines: tuple[Place, ...] = ()
    cells: tuple[Cell, ...] = field(default=(), repr=False)
    is_too_much: bool = False
    definitions: Mapping[str, int] | None = field(default=None, repr=False, compare=False)

    def answer_to(self, exercise: Exercise) -> "Submission":
        """The same file, of a notebook only what its answer to `exercise` needs."""
        return self.answers_to([exercise])[0]

    def answers_to(self, exercises: Sequence[Exercise]) -> "list[Submission]":
        """What `answer_to` gives for each of several exercises of one course, read once."""
        if not self.cells:
            return [self] * len(exercises)
        try:
            found = limited.ask(_assembled_each, self.path, self.cells, list(exercises))
        except limited.TakesTooMuch:
            return [self.beyond_reading()] * len(exercises)
        return [replace(self, cells=(), **_source_and_lines(each)) for each in found]

    def beyond_reading(self) -> "Submission":
        """The same file, of which nothing can be read within the limits."""
        return replace(self, source="", lines=(), cells=(), is_too_much=True)

    @property
    def whole(self) -> str:
        """All the code in it, whether or not it is valid or graded."""
        return "\n".join(cell.text for cell in self.cells) if self.cells else self.source

    def with_source(self, source: str) -> "Submission":
        """The same file with another text."""
        sha256 = hashlib.sha256(source.encode()).hexdigest()
        return replace(self, source=source, sha256=sha256, cells=())

    def where(self, lineno: int) -> str:
        """What a person calls this line of `source`: `line 12`, or `cell 3, line 2`."""
        if not self.lines:
            return say("line {line}", line=lineno)
        # Python places some syntax errors just past the last line.
        place = self.lines[min(max(lineno, 1), len(self.lines)) - 1]
        return say("cell {cell}, line {line}", cell=place.cell, line=place.line)

    def in_file(self, lineno: int) -> int | None:
        """The number of this line of `source` in the file; None where it has none there.

        That is so in a notebook, whose file is JSON, and for a line that `source` does not have.
        """
        return lineno if not self.lines and 1 <= lineno <= self.source.count("\n") + 1 else None

    def definition(self, name: str) -> int | None:
        """The line of `source` on which the function `name` is defined, the last time it is."""
        if self.definitions is not None:
            return self.definitions.get(name)
        try:
            line: int | None = limited.ask(_definitions, self.source).get(name)
        except limited.TakesTooMuch:
            return None
        return line

    def line(self, lineno: int) -> str:
        """The student's own text of this line of `source`; empty where there is no such line."""
        lines = [place.text for place in self.lines] or self.source.split("\n")
        return lines[lineno - 1] if 1 <= lineno <= len(lines) else ""


def find(path: Path, stem: str) -> Path:
    """The file to grade: `path` itself, or in a folder its `<stem>.py` or `<stem>.ipynb`.

    UsageError where there is nothing at `path`, where a file is neither kind, and where a folder
    holds neither file or both: guessing which one is meant could grade an untouched stub.
    """
    try:
        names = os.listdir(path)
    except NotADirectoryError:
        _kind(path)
        return path
    except OSError as error:
        raise _unreadable(path, error) from None
    found = [stem + suffix for suffix in SUFFIXES if stem + suffix in names]
    if not found:
        raise UsageError(
            say(
                "The folder {path} holds neither {stem}.py nor {stem}.ipynb.", path=path, stem=stem
            ),
            say("Give the file that name, or name the file instead of the folder."),
        )
    if len(found) > 1:
        raise UsageError(
            say("The folder {path} holds both {stem}.py and {stem}.ipynb.", path=path, stem=stem),
            say("Name the one to grade instead of the folder."),
        )
    return path / found[0]


def read(path: Path, shown: Path | None = None) -> Submission:
    """Read the `.py` or `.ipynb` at `path`, and run none of it; call it `shown`, where given.

    A syntax error is for grading to report, and `source` then has it, with `where` naming its cell.
    UsageError says why a file is no submission: missing, unreadable, not an ordinary file, empty,
    over its size, not UTF-8, with NUL bytes, not a notebook, a notebook without Python code, or
    nested too deeply to be parsed.
    """
    return parse(shown or path, contents(path, shown or path))


def parse(path: Path, data: bytes) -> Submission:
    """What `read` gives for a file of these bytes; nothing at `path` is looked at."""
    text = decoded(path, data)
    sha256 = hashlib.sha256(data).hexdigest()
    if _kind(path) == ".py":
        return Submission(path, sha256, text)
    try:
        found = limited.ask(_opened, path, text)
    except limited.TakesTooMuch:
        return Submission(path, sha256, "").beyond_reading()
    cells = tuple(
        Cell(name, of, frozenset(marks), stale) for name, of, marks, stale in found["cells"]
    )
    return Submission(path, sha256, cells=cells, **_source_and_lines(found))


# Done within limits


def _opened(path: Path, text: str) -> dict[str, Any]:
    """The cells in the text of a notebook, and all that they define."""
    cells = code_cells(path, text)
    content = [[cell.name, cell.text, sorted(cell.marks), cell.stale] for cell in cells]
    source, lines = assemble(path, cells)
    return {"cells": content, "source": source, "lines": lines}


def _assembled_each(
    path: Path, cells: Sequence[Cell], exercises: Sequence[Exercise]
) -> list[dict[str, Any]]:
    found = assemble_each(path, cells, exercises)
    return [{"source": source, "lines": lines} for source, lines in found]


def _definitions(source: str) -> dict[str, int]:
    try:
        return definitions(tree_of(source))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return {}


def definitions(tree: ast.Module) -> dict[str, int]:
    """The functions of a module, each with the line where it is defined for the last time."""
    return {node.name: node.lineno for node in tree.body if isinstance(node, ast.FunctionDef)}


def _source_and_lines(found: dict[str, Any]) -> dict[str, Any]:
    return {"source": found["source"], "lines": tuple(Place(*line) for line in found["lines"])}


# Files


def _kind(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(
            say("{path} is neither a Python file nor a notebook.", path=path),
            say("Its name should end in .py or .ipynb."),
        )
    return suffix


def contents(path: Path, shown: Path | None = None) -> bytes:
    """The bytes of an ordinary file; UsageError where there is none, or it is too large."""
    shown = shown or path
    most = most_bytes(path.name)
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise UsageError(
                    say("{path} is not an ordinary file.", path=shown),
                    say("Name a .py or .ipynb file."),
                )
            data = file.read(most + 1) if status.st_size <= most else b""
    except OSError as error:
        raise _unreadable(shown, error) from None
    size = max(status.st_size, len(data))
    if size > most:
        raise UsageError(
            say(
                "{path} has {size} bytes; at most {most} ({mib} MiB) are graded.",
                path=shown,
                size=f"{size:,}",
                most=f"{most:,}",
                mib=most >> 20,
            ),
            say("Keep only the exercise's code; in a notebook, clear the outputs and save."),
        )
    return data


def most_bytes(name: str) -> int:
    """How large a file of that name may be."""
    return MAX_NOTEBOOK_BYTES if name.lower().endswith(".ipynb") else MAX_BYTES


def _open_without_waiting(path: str, flags: int) -> int:
    # A named pipe that nobody writes to would block `open` for ever.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _unreadable(path: Path, error: OSError) -> UsageError:
    match error:
        case FileNotFoundError():
            return UsageError(
                say("There is no file or folder {path}.", path=path),
                say("Check its name and place."),
            )
        case IsADirectoryError():
            return UsageError(
                say("{path} is a folder.", path=path), say("Name the .py or .ipynb file in it.")
            )
        case PermissionError():
            return UsageError(
                say("{path} may not be read.", path=path),
                say("Allow it with: {command}", command=f"chmod u+rX {path}"),
            )
    reason = error.strerror or error
    return UsageError(say("{path} cannot be read: {reason}.", path=path, reason=reason))


def decoded(path: Path, data: bytes) -> str:
    """The text of a file, with the line ends that Python itself would see; UsageError if none."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(
            say(
                "{path} is not UTF-8 text: the byte at offset {offset} is {byte}.",
                path=path,
                offset=error.start,
                byte=f"{data[error.start]:#04x}",
            ),
            say("Save it as UTF-8 in your editor."),
        ) from None
    if (offset := data.find(b"\0")) >= 0:
        raise UsageError(
            say("{path} is no text: the byte at offset {offset} is NUL.", path=path, offset=offset),
            say("Save it as plain UTF-8 text in your editor."),
        )
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise UsageError(say("{path} is empty.", path=path), say("Did you save it?"))
    return with_plain_line_ends(text)
