"""All that a file holds, however it is packed or encoded: what is looked through for leaks."""

import base64
import binascii
import bz2
import html
import io
import json
import lzma
import re
import tarfile
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

DEPTH = 5  # archives in archives, base64 of base64
MOST = 64 * 1024 * 1024  # bytes that one packed thing may become

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{20,}(?:\s*\n\s*[A-Za-z0-9+/_-]{4,})*={0,2}")
_HEX = re.compile(r"[0-9a-fA-F]{40,}(?:\s*\n\s*[0-9a-fA-F]{2,})*")
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([ntr\"'\\]))")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\n"}


class Unpacker(Protocol):
    """What the decompressors of the standard library have in common."""

    def decompress(self, data: bytes, most: int, /) -> bytes:
        """At most so many bytes of what `data` unpacks to."""


class TooLarge(Exception):
    """Something unpacks to more than is looked through."""


class Content(NamedTuple):
    """Some bytes of a file, how they are hidden in it (empty: not at all), and on which line.

    Of what is packed, only what is in it is text.
    """

    data: bytes
    within: str = ""
    line: int = 0
    is_packed: bool = False

    @property
    def text(self) -> str:
        """The bytes as text, whatever they are."""
        if self.data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return self.data.decode("utf-16", errors="replace")
        # Plain text in UTF-16 without a mark is ASCII with zeros between.
        return self.data.replace(b"\0", b"").decode("utf-8", errors="replace")


def contents(data: bytes, within: str = "", line: int = 0, depth: int = DEPTH) -> Iterator[Content]:
    """A file's bytes, and all that is packed or encoded in them, to a depth of `DEPTH`.

    TooLarge where something packed is beyond `MOST` bytes.
    """
    members = [(how, found, 0) for how, found in _members(data)]
    outer = Content(data, within, line, bool(members))
    yield outer
    if depth == 0:
        return
    for how, found, start in members or _encoded(outer.text):
        yield from contents(found, _joined(within, how), line or start, depth - 1)


@dataclass(frozen=True)
class Reading:
    """What a content says when it is read as `how` (empty: as it stands).

    It begins on `line` of the content, and stays on it unless the content's lines are its own.
    """

    text: str
    how: str = ""
    line: int = 1
    has_lines: bool = True

    def place(self, line: int) -> int:
        """Where in the content that line of the text is."""
        return self.line + (line - 1 if self.has_lines else 0)


def readings(content: Content) -> list[Reading]:
    """What a content says as it stands; of JSON its strings, without what JSON makes of them."""
    text = content.text
    if text.lstrip()[:1] in ("{", "["):
        try:
            # Pairs, so that no name that is there twice hides what is under the first.
            return list(_strings(json.loads(text, object_pairs_hook=tuple), text))
        except (ValueError, RecursionError):
            pass
    return [Reading(text)]


def other_readings(reading: Reading) -> Iterator[Reading]:
    """The same text read as what it may be a part of: HTML, an address, a string of a program."""
    if (plain := html.unescape(reading.text)) != reading.text:
        yield replace(reading, text=plain, how="HTML")
    for number, line in enumerate(reading.text.split("\n"), 1):
        place = reading.place(number)
        if "%" in line and (plain := urllib.parse.unquote(line)) != line:
            yield Reading(plain, "an address", place, has_lines=False)
        if "\\" in line:
            yield Reading(_ESCAPE.sub(_unescaped, line), "a string", place, has_lines=False)


def _joined(outer: str, inner: str) -> str:
    return f"{outer}, {inner}" if outer else inner


def _strings(value: Any, whole: str) -> Iterator[Reading]:
    """The strings of a JSON value, objects as tuples of pairs, each with its line in the `whole`.

    A list of strings, such as a notebook's cell, is one text.
    """
    if isinstance(value, str):
        yield Reading(value, line=_line_of(value, whole), has_lines=False)
    elif isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        lines = [each if each.endswith("\n") else each + "\n" for each in value]
        spread = whole.count("\n") >= len(lines)
        yield Reading("".join(lines), line=_line_of(value[0], whole), has_lines=spread)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _strings(each, whole)


def _line_of(string: str, whole: str) -> int:
    begin = whole.find(json.dumps(string, ensure_ascii=False))
    return whole.count("\n", 0, max(begin, 0)) + 1


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2]
    return chr(int(code, 16)) if code else _ESCAPED.get(escape[3], escape[3])


# --- packed ---------------------------------------------------------------------------------------


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What an archive or a compressed file holds; nothing where it is neither."""
    if data[:2] == b"PK":
        yield from _zipped(data)
    elif data[257:262] == b"ustar":
        yield from _tarred(data)
    else:
        yield from _compressed(data)


def _zipped(data: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if archive.comment:
                yield "the archive's comment", archive.comment
            for entry in archive.infolist():
                if not entry.is_dir():
                    with archive.open(entry) as file:
                        yield entry.filename, _bounded(file.read(MOST + 1))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error):
        return  # damaged or locked: nobody reads it


def _tarred(data: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for member in archive:
                if member.isfile() and (file := archive.extractfile(member)) is not None:
                    yield member.name, _bounded(file.read(MOST + 1))
    except tarfile.TarError:
        return


def _compressed(data: bytes) -> Iterator[tuple[str, bytes]]:
    kinds: tuple[tuple[bytes, str, Callable[[], Unpacker]], ...] = (
        (b"\x1f\x8b", "gzip", lambda: zlib.decompressobj(31)),
        (b"\x78", "zlib", lambda: zlib.decompressobj(15)),
        (b"BZh", "bzip2", bz2.BZ2Decompressor),
        (b"\xfd7zXZ", "xz", lzma.LZMADecompressor),
    )
    for magic, how, unpacker in kinds:
        if data.startswith(magic):
            try:
                yield how, _bounded(unpacker().decompress(data, MOST + 1))
            except (OSError, EOFError, zlib.error, lzma.LZMAError):
                continue


def _bounded(content: bytes) -> bytes:
    if len(content) > MOST:
        raise TooLarge
    return content


# --- encoded --------------------------------------------------------------------------------------


def _encoded(text: str) -> Iterator[tuple[str, bytes, int]]:
    """What stands in a text as base64 or hexadecimal, and the line where it begins."""
    for found in _HEX.finditer(text):
        digits = "".join(found[0].split())
        yield "hexadecimal", binascii.unhexlify(digits[: len(digits) & ~1]), _line(text, found)
    for found in _BASE64.finditer(text):
        run = "".join(found[0].split()).rstrip("=").replace("-", "+").replace("_", "/")
        for skipped in range(4):  # a word or a path may stand right before it
            part = run[skipped:]
            part = part[: len(part) - (len(part) % 4 == 1)]
            content = base64.b64decode(part + "=" * (-len(part) % 4))
            if _is_plausible(content):
                yield "base64", content, _line(text, found)


def _is_plausible(content: bytes) -> bool:
    """Whether it is packed, or text: what else decodes is a word, or was cut in the wrong place."""
    begin = content[6:200].replace(b"\0", b"")  # the first letters may be the end of another word
    odd = sum((byte < 32 and byte not in b"\t\n\r") or byte == 127 for byte in begin)
    return (
        content.startswith((b"PK", b"\x1f\x8b", b"\x78", b"BZh", b"\xfd7zXZ"))
        or content[257:262] == b"ustar"
        or odd <= len(begin) // 50
    )


def _line(text: str, found: re.Match[str]) -> int:
    return text.count("\n", 0, found.start()) + 1
