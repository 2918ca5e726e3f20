"""The pairs that are worth a look as one page: side by side, what both have marked and numbered.

The page has no script and loads nothing; what students wrote is escaped.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from grader.classroom.similarity.similar import LENGTH, NOTE, SHARE, Compared, Pair, Span
from grader.report import clean
from grader.submission.text import Submission

MOST_PAIRS = 200  # shown; two sources each
MOST_LINES = 1_000  # of a source
MOST_COLUMNS = 1_000
COLOURS = 6


class Piece(NamedTuple):
    """Some text within a line, and the number of the passage that it is a part of; 0: of none."""

    text: str
    passage: int = 0
    begins: bool = False


class Line(NamedTuple):
    """One line, and what a person calls it: `12`, or `3.2` for the second line of cell 3."""

    name: str
    pieces: tuple[Piece, ...]


def render(found: Sequence[Compared], share: float = SHARE) -> str:
    """The whole page, for exercises that were compared for pairs with at least `share`."""
    shown = [(compared, pair) for compared in found for pair in compared.pairs]
    shown.sort(key=lambda each: -each[1].share)
    style = _template("page.css")
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            note=NOTE,
            found=found,
            share=share,
            length=LENGTH,
            colours=COLOURS,
            total=len(shown),
            views=[_view(*each) for each in shown[:MOST_PAIRS]],
            style=Markup(style),  # noqa: S704 - our own file
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        )
    )


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("grader", "templates/similar"),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _template(name: str) -> str:
    return _environment().get_template(name).render()


def _view(compared: Compared, pair: Pair) -> dict[str, Any]:
    marks = (
        {passage.left: number for number, passage in enumerate(pair.passages, 1)},
        {passage.right: number for number, passage in enumerate(pair.passages, 1)},
    )
    sides = zip(pair.students, pair.shares, marks, strict=True)
    return {
        "exercise": compared.exercise,
        "pair": pair,
        "sides": [
            {
                "student": student,
                "share": share,
                "path": str(compared.submissions[student].path),
                "lines": list(_lines(compared.submissions[student], marked)),
            }
            for student, share, marked in sides
        ],
    }


def _lines(submission: Submission, marks: Mapping[Span, int]) -> Iterator[Line]:
    """The lines of a submission, cut where marks begin and end."""
    start = 0
    lines = submission.source.rstrip("\n").split("\n")
    for number, text in enumerate(lines[:MOST_LINES]):
        place = submission.lines[number] if submission.lines else None
        name = f"{place.cell}.{place.line}" if place else f"{number + 1}"
        yield Line(name, tuple(_pieces(text[:MOST_COLUMNS], start, marks)))
        start += len(text) + 1
    if len(lines) > MOST_LINES:
        yield Line("", (Piece(f"(cut: {len(lines)} lines in all)"),))


def _pieces(text: str, start: int, marks: Mapping[Span, int]) -> Iterator[Piece]:
    at = 0
    for span, passage in sorted(marks.items()):
        begin, end = max(span.start - start, at), min(span.end - start, len(text))
        if begin >= end:
            continue
        # A mark over several lines leaves their indentation unmarked.
        begin += len(text[begin:end]) - len(text[begin:end].lstrip())
        if begin > at:
            yield Piece(text[at:begin])
        if begin < end:
            yield Piece(text[begin:end], passage, begins=span.start >= start)
        at = end
    if at < len(text) or not text:
        yield Piece(text[at:])
