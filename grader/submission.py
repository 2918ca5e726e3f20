"""What a student hands in: found, checked, and turned into the Python text that is graded.

A `.py` file is graded as it stands. A notebook becomes one text, made of its code cells from top to
bottom. What makes up a program is kept: imports, functions, classes, assignments, and an `if` or a
`try` that holds nothing else (the handlers of a `try` may hold anything). What tries a program out
becomes `pass`: bare calls, loops, `with`, `del`, `assert`, `raise`, anything that awaits, and what
only IPython understands (`%magic`, `!command`, `name?`). An assignment is kept and run whatever it
calls; a cell tagged `grade:skip` is left out, and so is one in another language (`%%bash`).

Nothing moves: every line keeps its number in its cell, and `Submission.where` gives it back.
"""

import ast
import hashlib
import json
import os
import re
import stat
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from grader.errors import UsageError
from grader.language import say

MAX_BYTES = 1024 * 1024
SUFFIXES = (".py", ".ipynb")
SKIP_TAG = "grade:skip"

_PYTHON_CELL_MAGICS = {"capture", "debug", "memit", "prun", "time", "timeit"}
_CELL_MAGIC = re.compile(r"%%(\w*)")
# Only ever matched where a statement begins: elsewhere `% n` is arithmetic.
_MAGIC = re.compile(
    r"""
      [%!?]                                # %matplotlib inline    !nvidia-smi    ?torch.cat
    | [\w\s.,*\[\]]+ = \s* (?: ! | %\w )   # files = !ls           now = %time
    | [\w.*\[\]]+ \?\??\s*$                # torch.cat?            torch.cat??
    | (?: pip | conda ) \s+ install \s     # IPython needs no % before these
    """,
    re.VERBOSE,
)


class Place(NamedTuple):
    """Where in a notebook a graded line comes from, and what the student wrote there.

    Cells are counted from 1 from the top of the notebook, text cells too, as a person counts who
    scrolls through it; the `[7]` beside a cell only says when it last ran. Lines count from 1.
    """

    cell: int
    line: int
    text: str


@dataclass(frozen=True)
class Submission:
    """One file that a student hands in; `lines` is empty unless the file is a notebook."""

    path: Path
    sha256: str
    source: str
    lines: tuple[Place, ...] = ()

    def with_source(self, source: str) -> "Submission":
        """The same file with another text."""
        return replace(self, source=source, sha256=hashlib.sha256(source.encode()).hexdigest())

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
        try:
            body = _parsed(self.source).body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return None
        found = [n.lineno for n in body if isinstance(n, ast.FunctionDef) and n.name == name]
        return found[-1] if found else None

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
            f"The folder {path} holds neither {stem}.py nor {stem}.ipynb.",
            "Give the file that name, or name the file instead of the folder.",
        )
    if len(found) > 1:
        raise UsageError(
            f"The folder {path} holds both {stem}.py and {stem}.ipynb.",
            "Name the one to grade instead of the folder.",
        )
    return path / found[0]


def read(path: Path, shown: Path | None = None) -> Submission:
    """Read the `.py` or `.ipynb` at `path`, and run none of it; call it `shown`, where given.

    A syntax error is for grading to report, and `source` then has it, with `where` naming its cell.
    UsageError says why a file is no submission: missing, unreadable, not an ordinary file, empty,
    over `MAX_BYTES`, not UTF-8, with NUL bytes, not a notebook, a notebook without Python code, or
    nested too deeply to be parsed.
    """
    return parse(shown or path, _contents(path, shown or path))


def parse(path: Path, data: bytes) -> Submission:
    """What `read` gives for a file of these bytes; nothing at `path` is looked at."""
    text = _decoded(path, data)
    sha256 = hashlib.sha256(data).hexdigest()
    if _kind(path) == ".py":
        return Submission(path, sha256, text)
    return Submission(path, sha256, *_assembled(path, list(_code_cells(path, text))))


# Files


def _kind(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(
            f"{path} is neither a Python file nor a notebook.",
            "Its name should end in .py or .ipynb.",
        )
    return suffix


def _contents(path: Path, shown: Path) -> bytes:
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise UsageError(f"{shown} is not an ordinary file.", "Name a .py or .ipynb file.")
            data = file.read(MAX_BYTES + 1) if status.st_size <= MAX_BYTES else b""
    except OSError as error:
        raise _unreadable(shown, error) from None
    size = max(status.st_size, len(data))
    if size > MAX_BYTES:
        raise UsageError(
            f"{shown} has {size:,} bytes; at most {MAX_BYTES:,} (1 MiB) are graded.",
            "Keep only the exercise's code; in a notebook, clear the outputs and save.",
        )
    return data


def _open_without_waiting(path: str, flags: int) -> int:
    # A named pipe that nobody writes to would block `open` for ever.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _unreadable(path: Path, error: OSError) -> UsageError:
    match error:
        case FileNotFoundError():
            return UsageError(f"There is no file or folder {path}.", "Check its name and place.")
        case IsADirectoryError():
            return UsageError(f"{path} is a folder.", "Name the .py or .ipynb file in it.")
        case PermissionError():
            return UsageError(f"{path} may not be read.", f"Allow it with: chmod u+rX {path}")
    return UsageError(f"{path} cannot be read: {error.strerror or error}.")


def _decoded(path: Path, data: bytes) -> str:
    """The text of a file, with the line ends that Python itself would see."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8 text: the byte at offset {error.start}"
            f" is {data[error.start]:#04x}.",
            "Save it as UTF-8 in your editor.",
        ) from None
    if (offset := data.find(b"\0")) >= 0:
        raise UsageError(
            f"{path} is no text: the byte at offset {offset} is NUL.",
            "Save it as plain UTF-8 text in your editor.",
        )
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise UsageError(f"{path} is empty.", "Did you save it?")
    return _with_plain_line_ends(text)


def _with_plain_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


# Notebooks


def _code_cells(path: Path, text: str) -> Iterator[tuple[int, str]]:
    """Number and text of every code cell that is not tagged to be skipped."""
    cells = _notebook(path, text).get("cells")
    if not isinstance(cells, list):
        raise _no_notebook(path, "it has no list of cells")
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict):
            raise _no_notebook(path, f"its cell {number} is damaged")
        if cell.get("cell_type") == "code" and not _is_skipped(cell):
            yield number, _cell_text(path, number, cell.get("source", ""))


def _notebook(path: Path, text: str) -> dict[str, Any]:
    """A notebook in format 4, its schema not enforced: Jupyter too opens what is nearly right."""
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _no_notebook(path, f"its JSON breaks at {place}") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, or brackets as deep
        raise _no_notebook(path, "its JSON goes beyond what can be parsed") from None
    if not isinstance(notebook, dict) or type(notebook.get("nbformat")) is not int:
        raise _no_notebook(path, "its JSON is that of something else")
    return notebook if notebook["nbformat"] == 4 else _upgraded(path, notebook)


def _upgraded(path: Path, notebook: dict[str, Any]) -> dict[str, Any]:
    import nbformat  # slow to import, and only notebooks from before 2015 need it

    try:
        with warnings.catch_warnings(action="ignore"):
            return dict(nbformat.convert(nbformat.from_dict(notebook), 4))  # type: ignore[no-untyped-call]
    except Exception:  # damage makes it raise anything: KeyError, AttributeError, ValueError, ...
        raise UsageError(
            f"{path} is in a notebook format that cannot be read.",
            "Open it in Jupyter and save it again, which writes format 4.",
        ) from None


def _no_notebook(path: Path, reason: str) -> UsageError:
    return UsageError(f"{path} is no notebook: {reason}.", "Save it again from Jupyter.")


def _is_skipped(cell: dict[str, Any]) -> bool:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return isinstance(tags, list) and SKIP_TAG in tags


def _cell_text(path: Path, number: int, source: object) -> str:
    pieces: list[Any] = source if isinstance(source, list) else [source]
    try:
        text = "".join(pieces)
    except TypeError:
        raise _no_notebook(path, f"the text of its cell {number} is damaged") from None
    # JSON can spell out what no text file can hold.
    if bad := re.search("[\0\ud800-\udfff]", text):
        raise UsageError(
            f"{path} has the character U+{ord(bad[0]):04X} in cell {number}, which is no text.",
            "Delete it, or type that line anew.",
        )
    return _with_plain_line_ends(text)


# From cells to one Python text


def _assembled(path: Path, cells: list[tuple[int, str]]) -> tuple[str, tuple[Place, ...]]:
    futures: list[tuple[str, Place]] = []
    body: list[tuple[str, Place]] = []
    for number, text in cells:
        written = text.split("\n")
        places = [Place(number, line, own) for line, own in enumerate(written, 1)]
        python = _without_magics(written)
        try:
            cell = _parsed("\n".join(python))
            # IPython lets any cell begin with these; Python wants them before everything else.
            hoisted = list(_leading_futures(cell))
            futures += [(ast.unparse(node), places[node.lineno - 1]) for node in hoisted]
            demos = [node for node in cell.body if not _is_kept(node)]
            python = _passing_over([*hoisted, *demos], python)
        except SyntaxError:
            # The error stays in its own cell: an open bracket would take in the cells below.
            body += zip(python, places, strict=True)
            break
        except (MemoryError, RecursionError):
            raise UsageError(
                f"{path} is nested too deeply to be parsed, in cell {number}.",
                "Write that expression in several steps.",
            ) from None
        body += zip(python, places, strict=True)
    source = "".join(f"{line}\n" for line, _ in futures + body)
    if not source.strip():
        raise UsageError(
            f"{path} has no Python code to grade.",
            f"Write the solution in a code cell that is not tagged {SKIP_TAG}.",
        )
    return source, tuple(place for _, place in futures + body)


def _without_magics(written: list[str]) -> list[str]:
    """A cell's lines with `pass` for what only IPython understands; blank, if in another language.

    Magics are looked for where a statement begins, and nowhere else. Like IPython, take the first
    line's indentation off every line.
    """
    first = next((line for line in written if line.strip()), "")
    margin = first[: len(first) - len(first.lstrip(" \t"))]
    lines = [line.removeprefix(margin) for line in written]
    if _is_foreign(lines):
        return [""] * len(lines)
    start = 0
    while start < len(lines):
        statement = lines[start].lstrip()
        if _MAGIC.match(statement):
            end = _end_of_magic(lines, start)
            indent = lines[start].removesuffix(statement)
            lines[start:end] = [f"{indent}pass", *[""] * (end - start - 1)]
        elif statement and not statement.startswith("#"):
            end = _end_of_statement(lines, start)
        else:
            end = start + 1
        start = end
    return lines


def _is_foreign(lines: list[str]) -> bool:
    for line in filter(str.strip, lines):
        if not (magic := _CELL_MAGIC.match(line)):
            return False
        if magic[1] not in _PYTHON_CELL_MAGICS:
            return True
    return False


def _end_of_magic(lines: list[str], start: int) -> int:
    end = start + 1
    while end < len(lines) and lines[end - 1].endswith("\\"):
        end += 1
    return end


def _end_of_statement(lines: list[str], start: int) -> int:
    """The index after the last line of the statement (or block header) that begins at `start`."""
    following = (f"{lines[index]}\n" for index in range(start, len(lines)))
    try:
        for token in tokenize.generate_tokens(following.__next__):
            if token.type == tokenize.NEWLINE:
                return start + token.start[0]
    except (tokenize.TokenError, SyntaxError):
        pass  # left open to the end of the cell: parsing will say so
    return len(lines)


def _parsed(python: str) -> ast.Module:
    with warnings.catch_warnings(action="ignore"):  # "\d" in a string is the worker's to see
        return ast.parse(python)


def _leading_futures(cell: ast.Module) -> Iterator[ast.ImportFrom]:
    for node in cell.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            yield node
        elif not (isinstance(node, ast.Pass) or _is_constant(node)):
            return


def _is_kept(node: ast.stmt) -> bool:
    match node:
        case ast.Expr():
            return _is_constant(node)
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            return not _awaits(node)
        case ast.If():
            return not _awaits(node.test) and all(map(_is_kept, node.body + node.orelse))
        case ast.Try() | ast.TryStar():
            return all(map(_is_kept, node.body + node.orelse + node.finalbody))
        case ast.For() | ast.AsyncFor() | ast.While() | ast.With() | ast.AsyncWith() | ast.Match():
            return False
    return not isinstance(node, ast.Assert | ast.Delete | ast.Global | ast.Raise)


def _is_constant(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _awaits(node: ast.AST) -> bool:
    return any(
        isinstance(part, ast.Await) or (isinstance(part, ast.comprehension) and part.is_async)
        for part in ast.walk(node)
    )


def _passing_over(dropped: list[ast.stmt], python: list[str]) -> list[str]:
    """The lines with `pass` for each dropped statement; they come in the order of the text.

    It stands where the statement ended, so that what shares its first or last line stays legal.
    """
    text = "\n".join(python).encode()  # bytes, because that is how `ast` counts columns
    line_starts = [0, *(newline.end() for newline in re.finditer(b"\n", text))]
    pieces: list[bytes] = []
    done = 0
    for node in dropped:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = line_starts[node.lineno - 1] + node.col_offset
        end = line_starts[node.end_lineno - 1] + node.end_col_offset
        pieces += [text[done:start], b"\n" * (node.end_lineno - node.lineno), b"pass"]
        done = end
    return b"".join([*pieces, text[done:]]).decode().split("\n")
