"""Standard output and error, made fit for any encoding, pipe and disk.

What an encoding lacks is replaced by what comes near it in ASCII. What cannot be written to
standard output is a `OutputLost`, which ends a command with one sentence; standard error, where
that sentence goes, loses in silence what it cannot hold.
"""

import codecs
import errno
import io
import os
import select
import sys
import unicodedata
from typing import IO, Any

from grader.errors import UsageError
from grader.language import say

LEAST = 8  # columns or lines; a terminal with fewer does not tell how large it is
FALLBACK = "grade-fallback"  # the name of the way in which characters are replaced
_NEAR = {
    "✓": "+",
    "✗": "x",
    "·": ".",
    "•": "*",
    "×": "x",
    "→": "->",
    "←": "<-",
    "›": ">",
    "━": "=",
    "─": "-",
    "│": "|",
    "█": "#",
    "∞": "inf",
    "…": "...",
    "–": "-",
    "—": "-",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "′": "'",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "−": "-",
    "√": "sqrt",
    "∈": "in",
    "Σ": "sum",
    "∑": "sum",
    "∂": "d",
    "⋅": ".",
    "±": "+-",
    **dict(zip("▁▂▃▄▅▆▇", "12345678", strict=False)),
}
_lost: set[str] = set()  # characters that came out as `?`


class OutputLost(UsageError):
    """What goes to standard output cannot be written."""


def prepare() -> None:
    """Have standard output and error take whatever is printed. Before anything is."""
    codecs.register_error(FALLBACK, _fallen_back)
    _occupy()
    sys.stdout = _fit(sys.stdout, 1, _Out)
    sys.stderr = _fit(sys.stderr, 2, _Err)
    for name in ("COLUMNS", "LINES"):
        # Rich would take a 0 at its word, and print nothing.
        if name in os.environ and not _is_size(os.environ[name]):
            del os.environ[name]


def can_show(text: str) -> bool:
    """Whether standard output has an encoding for the letters of `text`."""
    try:
        "".join(filter(str.isalpha, text)).encode(sys.stdout.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def lost() -> str | None:
    """The encoding of standard output, if some character came out as `?` that is more than a name
    which no encoding has."""
    return sys.stdout.encoding if _lost else None


def deliver(text: str) -> None:
    """Write what a program will read to standard output: UTF-8, whatever the locale, unless a
    person's terminal shows it."""
    if sys.stdout.isatty() or not hasattr(sys.stdout, "buffer"):
        sys.stdout.write(text)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def _is_size(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) >= LEAST


def _occupy() -> None:
    """Take the places of standard streams that are closed, or the next file opened would get them
    and all that is printed. What is written there fails, as it would have."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)  # the lowest number that is free


def _fit(stream: Any, descriptor: int, raw: type[io.FileIO]) -> Any:
    """The same stream with characters and writes that do not fail in another way than above."""
    if stream is None:
        encoding, lines, through = "utf-8", False, False
    else:
        buffer = getattr(stream, "buffer", None)
        if type(getattr(buffer, "raw", buffer)) is not io.FileIO:  # a console of Windows, a test's
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors=FALLBACK)
            return stream
        stream.flush()
        encoding = stream.encoding
        lines, through = stream.line_buffering, stream.write_through
    binary: IO[bytes] = io.BufferedWriter(raw(descriptor, "w", closefd=False))
    return io.TextIOWrapper(
        binary, encoding, FALLBACK, line_buffering=lines or descriptor == 2, write_through=through
    )


class _Out(io.FileIO):
    """Standard output."""

    def write(self, data: Any) -> int:
        """See `io.RawIOBase`. OutputLost where the system refuses."""
        try:
            while (
                written := super().write(data)
            ) is None:  # a pipe that does not wait, and is full
                select.select([], [self.fileno()], [])
        except OSError as error:
            raise OutputLost(
                say("The output cannot be written: {reason}.", reason=error.strerror or error)
            ) from None
        return written


class _Err(io.FileIO):
    """Standard error."""

    def write(self, data: Any) -> int:
        """See `io.RawIOBase`. What the system refuses is gone."""
        try:
            written = super().write(data)
        except OSError as error:
            if error.errno == errno.EINTR:
                raise
            written = None
        return memoryview(data).nbytes if written is None else written


def _fallen_back(error: UnicodeError) -> tuple[str, int]:
    """In place of what an encoding lacks, what comes near it."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(map(_near, text)), error.end


def _near(character: str) -> str:
    if found := _NEAR.get(character):
        return found
    bare = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    if bare.strip():
        return bare
    if unicodedata.combining(character):
        return ""
    if unicodedata.category(character) != "Cs":
        _lost.add(character)
    return "?"
