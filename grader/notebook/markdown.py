"""The text of a course as Markdown that shows it as it is."""

import re
import textwrap
from collections.abc import Iterator
from functools import reduce
from itertools import groupby

from grader.formats.markdown import fenced

_TOKEN = re.compile(
    r"(?P<code>`[^`\n]+`)"
    r"|(?P<address>https?://[^\s<>\"]*[^\s<>\".,;:!?)])"
    # torch.nn.Linear, nn.LSTM, clip_grad_norm_, w_hq, out_proj.weight
    r"|(?P<name>(?<![\w.])(?:(?:torch|nn)\.[A-Za-z_][\w.]*\w"
    r"|(?:[A-Za-z]\w*\.)*[A-Za-z]\w*_\w*(?:\.[A-Za-z]\w*)*)(?!\w))",
    re.ASCII,
)
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~&#$]")
_CODE = re.compile(r"(?: {4}|\t)")
_ITEM = re.compile(r"((?:[-*+]|\d+[.)])[ \t]+)(.*)")
_WIDE = "\u2e80"  # from here on, characters of scripts that put no space between words


def document(text: str) -> str:
    """The Markdown of a docstring: what is indented is code, line for line, the rest is prose.

    A paragraph that begins as an item of a list does stays a list.
    """
    blocks: list[str] = []
    for is_code, paragraphs in groupby(_paragraphs(text), key=lambda lines: _is_code(lines[0])):
        if is_code:
            code = "\n\n".join("\n".join(lines) for lines in paragraphs)
            blocks.append(fenced(textwrap.dedent(code)))
        else:
            blocks += map(_prose, paragraphs)
    return "\n\n".join(blocks)


def _paragraphs(text: str) -> Iterator[list[str]]:
    """What stands between blank lines, and apart where prose and code meet without one."""
    for paragraph in re.split(r"\n(?:[ \t]*\n)+", text.strip("\n").rstrip()):
        lines = paragraph.split("\n")
        if _ITEM.match(lines[0]):
            yield lines
            continue
        for _, run in groupby(lines, key=_is_code):
            yield list(run)


def _is_code(line: str) -> bool:
    return bool(_CODE.match(line))


def _prose(lines: list[str]) -> str:
    if not _ITEM.match(lines[0]):
        return inline(reduce(_joined, map(str.strip, lines)))
    items = []
    for line in lines:
        item = _ITEM.match(line)
        items.append(item[1] + inline(item[2]) if item else inline(line))
    return "\n".join(items)


def _joined(text: str, line: str) -> str:
    wide = text[-1:] >= _WIDE and line[:1] >= _WIDE
    return text + line if wide else f"{text} {line}"


def inline(text: str) -> str:
    """`text` with nothing in it taken for markup, except `code`; names and addresses look so."""
    pieces = []
    done = 0
    for token in _TOKEN.finditer(text):
        pieces.append(_SPECIAL.sub(r"\\\g<0>", text[done : token.start()]))
        form = {"code": "{}", "address": "<{}>", "name": "`{}`"}[token.lastgroup or "code"]
        pieces.append(form.format(token[0]))
        done = token.end()
    return "".join(pieces) + _SPECIAL.sub(r"\\\g<0>", text[done:])
