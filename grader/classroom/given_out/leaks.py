"""Prove that nothing of a course's solutions is in what students get.

What is secret: every file of every room, and every piece of one that says something: `LENGTH`
tokens in a row, or a whole line of at least `SHORT`. What is public does not count: the course file
as it is released, and the stubs but for their comments, where an author's own answer is easily
forgotten. Case, white space, quotes and what marks a line (`#`, `>`, `-`, `+`) make no difference.

It is looked for in every file, under every name, and in what is packed or encoded in it: archives,
notebooks, compressed data, base64, hexadecimal, escapes.
"""

import hashlib
import io
import re
import tokenize
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from grader.classroom.given_out.contents import (
    Content,
    Reading,
    TooLarge,
    contents,
    other_readings,
    readings,
)
from grader.errors import UsageError

LENGTH = 10  # tokens in a row
SHORT = 6  # tokens of a whole line
MOST_SHOWN = 80  # characters of a line
WORDS = 3  # different words, without which brackets and numbers say nothing

_HAN = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"  # where no spaces stand between words
_TOKEN = re.compile(rf"[{_HAN}]|[^\W{_HAN}]+|[^\w\s\"'`]")
_MARKER = re.compile(r"[\s#>*|/+-]+")

Piece = tuple[str, ...]


class Place(NamedTuple):
    """A line of a file, counted from 1."""

    path: Path
    line: int


@dataclass(frozen=True)
class Leak:
    """A piece of a secret file that stands in a released one.

    `within` says how it is hidden, `shown` what there is.
    """

    place: Place
    within: str
    secret: Place
    shown: str

    def __str__(self) -> str:
        within = f" ({self.within})" if self.within else ""
        return (
            f"{self.place.path}, line {self.place.line}{within}: {self.shown}\n"
            f"    is in {self.secret.path}, line {self.secret.line}"
        )


@dataclass
class Secrets:
    """What must not be in a release: pieces, and whole files by their sha256."""

    pieces: dict[Piece, Place] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)

    def add(self, path: Path, data: bytes) -> None:
        """Keep a file secret, and every piece of it."""
        if data.strip():
            self.files.setdefault(digest(data), path)
            self.add_pieces(path, data)

    def add_pieces(self, path: Path, data: bytes) -> None:
        """Keep the pieces of a file secret, and not that there is such a file."""
        for piece, line in _secret_pieces(Content(data).text):
            self.pieces.setdefault(piece, Place(path, line))

    def allow(self, text: str) -> None:
        """Take out what is public, as it stands and as its own escapes read."""
        for reading in _all_readings(Content(text.encode())):
            tokens = [token for token, _ in _tokens(reading.text)]
            for length in range(SHORT, LENGTH + 1):
                for piece in _runs(tokens, length):
                    self.pieces.pop(piece, None)

    def allow_code(self, source: str) -> None:
        """Take out what a public Python text says, its comments apart."""
        self.allow(_without_comments(source))

    def found_in(self, path: Path, data: bytes, ours: Set[str] = frozenset()) -> Iterator[Leak]:
        """What of it is in a file; `ours` are the sha256 of contents that need not be read."""
        for content in contents(data):
            if (known_by := digest(content.data)) in ours:
                continue
            if (known := self.files.get(known_by)) is not None:
                where = Place(path, content.line or 1)
                yield Leak(where, content.within, Place(known, 1), "the whole file")
                continue
            if content.is_packed:
                continue
            for reading in readings(content):
                # Read otherwise, it would say the same once more.
                found = list(self._in_reading(path, content, reading))
                yield from found or (
                    leak
                    for other in other_readings(reading)
                    for leak in self._in_reading(path, content, other)
                )

    def _in_reading(self, path: Path, content: Content, reading: Reading) -> Iterator[Leak]:
        within = ", ".join(filter(None, (content.within, reading.how)))
        for line, piece, shown in self._pieces_in(reading.text):
            where = Place(path, content.line or reading.place(line))
            yield Leak(where, within, self.pieces[piece], shown)

    def _pieces_in(self, text: str) -> Iterator[tuple[int, Piece, str]]:
        """The secret pieces in a text, of those that overlap the first: line, piece, the line."""
        tokens = _tokens(text)
        words = [token for token, _ in tokens]
        end = 0
        for start, (_, line) in enumerate(tokens):
            for length in range(LENGTH, SHORT - 1, -1):
                piece = tuple(words[start : start + length])
                if piece in self.pieces:
                    if start >= end:
                        yield line, piece, _shown(text.split("\n")[line - 1])
                    end = max(end, start + length)
                    break


def leaks(folder: Path, secrets: Secrets, ours: Set[str] = frozenset()) -> list[Leak]:
    """What of `secrets` is in the files of `folder`, in the order of their names, once a line.

    `ours` are the sha256 of contents that need not be read: the program's own files. UsageError
    where something unpacks to more than `contents.MOST` bytes.
    """
    found: dict[tuple[Place, str], Leak] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            for leak in secrets.found_in(path.relative_to(folder), path.read_bytes(), ours):
                found.setdefault((leak.place, leak.within), leak)
        except TooLarge:
            raise UsageError(
                f"{path.relative_to(folder)} unpacks to more than is looked through for answers.",
                "Leave it out, or give it out unpacked.",
            ) from None
    return list(found.values())


def _without_comments(source: str) -> str:
    """A Python text without its comments; as it stands where Python cannot read it."""
    lines = source.split("\n")
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return source
    for token in tokens:
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    return "\n".join(lines)


def digest(data: bytes) -> str:
    """The sha256 by which a file is known."""
    return hashlib.sha256(data).hexdigest()


def _tokens(text: str) -> list[tuple[str, int]]:
    """Each token with its line, from 1; what marks lines left out."""
    found = []
    for number, line in enumerate(text.lower().split("\n"), 1):
        marker = _MARKER.match(line)
        bare = line[marker.end() :] if marker else line
        found += [(token, number) for token in _TOKEN.findall(bare)]
    return found


def _all_readings(content: Content) -> Iterator[Reading]:
    for reading in readings(content):
        yield reading
        yield from other_readings(reading)


def _shown(line: str) -> str:
    text = "".join(sign if sign.isprintable() else " " for sign in line.strip())
    return text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + " ..."


def _runs(tokens: Sequence[str], length: int) -> Iterator[Piece]:
    return (tuple(tokens[i : i + length]) for i in range(len(tokens) - length + 1))


def _secret_pieces(text: str) -> Iterator[tuple[Piece, int]]:
    """The pieces of a text that say something, each with its line."""
    tokens = _tokens(text)
    words = [token for token, _ in tokens]
    for start, piece in enumerate(_runs(words, LENGTH)):
        if _says_something(piece):
            yield piece, tokens[start][1]
    lines: dict[int, list[str]] = {}
    for token, number in tokens:
        lines.setdefault(number, []).append(token)
    for number, line in lines.items():
        if SHORT <= len(line) < LENGTH and _says_something(piece := tuple(line)):
            yield piece, number


def _says_something(piece: Piece) -> bool:
    return sum(map(str.isidentifier, set(piece))) >= WORDS
