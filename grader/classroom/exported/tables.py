"""A table that a school's system wrote: read, and written back in the very same form.

Encoding, mark of order, separator and ends of lines are the file's own. A line in which nothing was
changed comes back to the byte.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from grader.errors import UsageError

ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SEPARATORS = ",;\t"
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # what .xlsx and a real .xls begin with
# The line by which a table tells a spreadsheet program its separator.
_HINT = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)
_END = "\r\n"


@dataclass
class Line:
    """One record of a table. `number` is its first line in the file, from 1; `raw` what stands
    there, its end included."""

    number: int
    cells: list[str]
    raw: str
    is_changed: bool = False

    def __getitem__(self, index: int) -> str:
        """A cell as text; "" where the record is shorter."""
        return self.cells[index].strip() if index < len(self.cells) else ""

    def __setitem__(self, index: int, text: str) -> None:
        self.cells += [""] * (index + 1 - len(self.cells))
        self.is_changed |= self.cells[index] != text
        self.cells[index] = text


@dataclass
class Table:
    """The records of a file, its `header` the first that is not empty, and how it is written."""

    path: Path
    mark: bytes
    encoding: str
    separator: str
    head: str  # what stands before the records
    lines: list[Line] = field(default_factory=list)

    @cached_property
    def header(self) -> list[str]:
        """What the columns are called."""
        return [cell.strip() for cell in self._first.cells]

    @cached_property
    def body(self) -> list[Line]:
        """The records below the header that say something."""
        below = self.lines[self.lines.index(self._first) + 1 :]
        return [line for line in below if any(cell.strip() for cell in line.cells)]

    @property
    def _first(self) -> Line:
        return next(line for line in self.lines if any(cell.strip() for cell in line.cells))

    @property
    def content(self) -> bytes:
        """The file, with what was changed in it."""
        is_quoted = _plain(self._first.raw) == self._written(self._first.cells, is_quoted=True)
        texts = []
        for line in self.lines:
            if line.is_changed:
                end = line.raw[len(_plain(line.raw)) :]
                texts.append(self._written(line.cells, is_quoted=is_quoted) + end)
            else:
                texts.append(line.raw)
        return self.mark + (self.head + "".join(texts)).encode(self.encoding)

    def _written(self, cells: list[str], *, is_quoted: bool) -> str:
        file = io.StringIO()
        # With this end, cells that hold either of its signs are quoted.
        csv.writer(
            file,
            delimiter=self.separator,
            quoting=csv.QUOTE_ALL if is_quoted else csv.QUOTE_MINIMAL,
            lineterminator=_END,
        ).writerow(cells)
        return file.getvalue().removesuffix(_END)


def _plain(raw: str) -> str:
    return raw.rstrip("\r\n")


def read(path: Path) -> Table:
    """The table in a file. UsageError where there is none that grade can read."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"There is no file {path}.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    if data.startswith(WORKBOOKS):
        raise UsageError(
            f"{path} is a workbook of a spreadsheet program.",
            "Give the file as the school's system wrote it: a table of text.",
        )
    mark, encoding = _encoding(data)
    try:
        text = data.removeprefix(mark).decode(encoding)
    except UnicodeDecodeError:
        raise UsageError(
            f"{path} is written in neither UTF-8 nor UTF-16.",
            "Download it again; a spreadsheet program has to save it as “CSV UTF-8”.",
        ) from None
    hint = _HINT.match(text)
    head, text = (hint[0], text[hint.end() :]) if hint else ("", text)
    try:
        separator = hint[1] if hint else _separator(text)
        lines = list(_lines(text, separator, 2 if hint else 1))
    except csv.Error as error:
        raise UsageError(f"{path} is no table: {error}.") from None
    if not any(cell.strip() for line in lines for cell in line.cells):
        raise UsageError(f"{path} is empty.")
    return Table(path, mark, encoding, separator, head, lines)


def _encoding(data: bytes) -> tuple[bytes, str]:
    for mark, encoding in ENCODINGS:
        if data.startswith(mark):
            return mark, encoding
    # The names of columns are Latin letters in part: every other byte is none in UTF-16.
    if b"\0" in data[:64]:
        return b"", "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
    return b"", "utf-8"


def _separator(text: str) -> str:
    """What parts the first line that is not empty into most cells."""
    first = text.lstrip("\r\n")

    def cells(separator: str) -> int:
        return len(next(_lines(first, separator, 1)).cells) if first else 0

    return max(SEPARATORS, key=cells)


def _lines(text: str, separator: str, number: int) -> Iterator[Line]:
    """The records, each with the text that it was read from."""
    taken: list[str] = []

    def physical() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line

    reader = csv.reader(physical(), delimiter=separator)
    first = number
    for cells in reader:
        yield Line(number, cells, "".join(taken))
        number = first + reader.line_num
        taken.clear()
