"""What a student hands in: found, checked, and turned into the Python text that is graded.

A `.py` file is graded as it stands. Of a notebook's code cells,
`grader/submission/notebook/program.py` makes one text; its lines keep their places, and
`Submission.where` gives them back.

Nothing of it is parsed in this process: `limited` has one with limits.

The student's own modules that it imports go along (`carried`). Their lines are numbered on from its
own, so that one number tells any line of what is graded.
"""

import ast
import codecs
import encodings.aliases
import hashlib
import os
import re
import stat
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grader.course.model import Exercise
from grader.errors import UsageError
from grader.language import say
from grader.submission import limited
from grader.submission.carried import Carried, Look, Module, beside, find_modules, imported
from grader.submission.notebook.cells import Cell, Kind, code_cells, with_plain_line_ends
from grader.submission.notebook.magics import without_magics
from grader.submission.notebook.program import LeftOut, Place, Program, program, programs
from grader.submission.notebook.statements import tree_of

MAX_BYTES = 1 << 20
MAX_NOTEBOOK_BYTES = 64 << 20  # what its cells have put out is not looked at; code has MAX_BYTES
SUFFIXES = (".py", ".ipynb")
MOST_OF_A_DECLARATION = 4096  # bytes
# Those that letters are written in. The others that Python has are ways of packing text, some of
# which take for ever to unpack.
_TABLES = frozenset(
    codecs.lookup(name).name
    for name in set(encodings.aliases.aliases.values())
    if re.match(
        r"ascii|latin|iso|cp\d|mac|koi8|gb|big5|euc|shift|johab|hz|hp|tis|ptcp|kz|utf_(8|16|32)",
        name,
    )
)
BETWEEN = 10  # numbers without a line, from one file to the next: Python may count past the end


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
    carried: Carried = field(default_factory=Carried, repr=False)
    left_out: tuple[LeftOut, ...] = field(default=(), repr=False)
    elsewhere: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def modules(self) -> tuple[Module, ...]:
        """The student's own modules that go with it."""
        return self.carried.modules

    def with_modules(self, look: Look, packages: Sequence[str] = ()) -> "Submission":
        """The same with the modules that it imports and `look` finds, which then are a part of what
        its digest is of. UsageError where there are too many."""
        code = [cell.text for cell in self.cells if cell.kind is Kind.CODE]
        reader = imported_by_cells if code else None
        found = find_modules(code or [self.source], look, packages, reader)
        changed = replace(self, carried=found)
        return replace(changed, sha256=changed._digest_of_all())

    @property
    def offsets(self) -> tuple[int, ...]:
        """For each of the modules, what is to be added to the numbers of its lines."""
        found = []
        last = len(self.lines) or self.source.count("\n") + 1
        for module in self.modules:
            found.append(last + BETWEEN)
            last += BETWEEN + module.source.count("\n") + 1
        return tuple(found)

    def _module_at(self, lineno: int) -> tuple[Module, int] | None:
        """The module that a line is of, and the number that it has there; None for its own."""
        for module, offset in zip(reversed(self.modules), reversed(self.offsets), strict=True):
            if lineno > offset:
                return module, lineno - offset
        return None

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
        return [
            replace(
                self,
                cells=(),
                carried=self.carried.needed_by(each["imports"]),
                **_source_and_lines(each),
            )
            for each in found
        ]

    def beyond_reading(self) -> "Submission":
        """The same file, of which nothing can be read within the limits."""
        return replace(self, source="", lines=(), cells=(), is_too_much=True)

    @property
    def whole(self) -> str:
        """All the code in it, whether or not it is valid or graded."""
        code = (cell.text for cell in self.cells if cell.kind is Kind.CODE)
        return "\n".join(code) if self.cells else self.source

    def with_source(self, source: str) -> "Submission":
        """The same file with another text."""
        changed = replace(self, source=source, sha256=_digest(source), cells=())
        return replace(changed, sha256=changed._digest_of_all())

    def _digest_of_all(self) -> str:
        """Of the file, and of the modules that go with it."""
        if not self.modules:
            return self.sha256
        parts = [self.sha256, *(_digest(f"{m.file}\n{m.source}") for m in self.modules)]
        return _digest("\n".join(parts))

    def where(self, lineno: int) -> str:
        """What a person calls this line of `source`: `line 12`, or `cell 3, line 2`; of a module
        that goes with it, `helpers.py, line 2`."""
        if found := self._module_at(lineno):
            return say("{file}, line {line}", file=found[0].file, line=found[1])
        if not self.lines:
            return say("line {line}", line=lineno)
        # Python places some syntax errors just past the last line.
        place = self.lines[min(max(lineno, 1), len(self.lines)) - 1]
        return say("cell {cell}, line {line}", cell=place.cell, line=place.line)

    def is_beside(self, lineno: int) -> bool:
        """Whether this line is one of a module that goes with it."""
        return self._module_at(lineno) is not None

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
        """The student's own text of this line of `source`, or of a module that goes with it; empty
        where there is no such line."""
        if found := self._module_at(lineno):
            lines = found[0].source.split("\n")
            return lines[found[1] - 1] if found[1] <= len(lines) else ""
        lines = [place.text for place in self.lines] or self.source.split("\n")
        return lines[lineno - 1] if 1 <= lineno <= len(lines) else ""


def find(path: Path) -> Path:
    """The file at `path`. UsageError where there is none, or it is no submission by its name."""
    try:
        os.stat(path)
    except OSError as error:
        raise unreadable(path, error) from None
    _kind(path)
    return path


def in_folder(folder: Path) -> Look:
    """What looks for a student's modules in a folder of theirs."""

    def text(at: Path, file: Path) -> str:
        return decoded(file, contents(at, file), may_be_empty=True)

    return beside(folder, text)


def read_with_modules(path: Path, packages: Sequence[str] = ()) -> Submission:
    """What `read` gives, with the student's own modules from the folder that the file is in; those
    of `packages` are other people's. UsageError where there are too many, too."""
    return read(path).with_modules(in_folder(path.parent), packages)


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
    text = decoded(path, data, may_be_empty=path.name.endswith("__init__.py"))
    sha256 = hashlib.sha256(data).hexdigest()
    if _kind(path) == ".py":
        return Submission(path, sha256, text)
    try:
        found = limited.ask(_opened, path, text)
    except limited.TakesTooMuch:
        return Submission(path, sha256, "").beyond_reading()
    cells = tuple(
        Cell(name, of, frozenset(marks), stale, Kind(kind))
        for name, of, marks, stale, kind in found["cells"]
    )
    return Submission(path, sha256, cells=cells, **_source_and_lines(found))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# Done within limits


def imported_by_cells(texts: Sequence[str], name: str, is_package: bool) -> list[str]:
    """What `carried.imported` gives for the cells of a notebook, as they stand there."""
    plain = ["\n".join(without_magics(text.split("\n"))) for text in texts]
    return imported(plain, name, is_package)


def _opened(path: Path, text: str) -> dict[str, Any]:
    """The cells in the text of a notebook, and all that they define."""
    cells = code_cells(path, text)
    content = [[c.name, c.text, sorted(c.marks), c.stale, c.kind] for c in cells]
    return {"cells": content, **_told(program(path, cells))}


def _assembled_each(
    path: Path, cells: Sequence[Cell], exercises: Sequence[Exercise]
) -> list[dict[str, Any]]:
    return [_told(each) for each in programs(path, cells, exercises)]


def _told(found: Program) -> dict[str, Any]:
    return {**found._asdict(), "imports": imported([found.source], "", True)}


def _definitions(source: str) -> dict[str, int]:
    try:
        return definitions(tree_of(source))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return {}


def definitions(tree: ast.Module) -> dict[str, int]:
    """The functions and classes of a module, and the methods of these (`JANET.forward`), each with
    the line where it is defined for the last time."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node.lineno
        if isinstance(node, ast.ClassDef):
            methods = (each for each in node.body if isinstance(each, ast.FunctionDef))
            found |= {f"{node.name}.{each.name}": each.lineno for each in methods}
    return found


def _source_and_lines(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": found["source"],
        "lines": tuple(Place(*line) for line in found["lines"]),
        "left_out": tuple(LeftOut(*each) for each in found["left_out"]),
        "elsewhere": dict(found["elsewhere"]),
    }


def _declared(path: Path, data: bytes) -> str:
    """The encoding that a Python file declares in one of its first two lines, as Python reads it;
    UTF-8 where it declares none. UsageError where Python would not read it either."""
    head = data[:MOST_OF_A_DECLARATION].splitlines(keepends=True)[:2]
    if not any(b"coding" in line for line in head):
        return "utf-8"
    try:
        name, _ = tokenize.detect_encoding(iter(head).__next__)
    except SyntaxError:  # no such encoding, or a mark of UTF-8 before another one
        name = ""
    name = name.removesuffix("-sig")
    if name != "utf-8" and (not name or codecs.lookup(name).name not in _TABLES):
        raise UsageError(
            say("{path} declares an encoding that it cannot be read in.", path=path),
            say("Save it as UTF-8 in your editor, and delete the line with `coding`."),
        )
    return name


def capital(where: str) -> str:
    """What `Submission.where` says, at the beginning of a sentence; files are called as they
    are."""
    return where if ".py" in where else where[:1].upper() + where[1:]


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
        raise unreadable(shown, error) from None
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


def unreadable(path: Path, error: OSError) -> UsageError:
    """What to say of a file or folder that the system does not give."""
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


def decoded(path: Path, data: bytes, *, may_be_empty: bool = False) -> str:
    """The text of a file, with the line ends that Python itself would see; UsageError if none."""
    encoding = _declared(path, data) if path.suffix.lower() == ".py" else "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UsageError(
            say(
                "{path} is not {encoding} text: the byte at offset {offset} is {byte}.",
                path=path,
                encoding="UTF-8" if encoding == "utf-8" else encoding,
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
    if not text.strip() and not may_be_empty:
        raise UsageError(say("{path} is empty.", path=path), say("Did you save it?"))
    return with_plain_line_ends(text)
