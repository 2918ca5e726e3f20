"""A table with a row for each property, for spreadsheets and statistics."""

import csv
import io
import re
from collections.abc import Sequence

from grader.formats.cases import cases
from grader.formats.text import clip
from grader.report import Report, clean

COLUMNS = (
    "exercise",
    "slug",
    "submission",
    "sha256",
    "status",
    "score",
    "max_score",
    "misconception",
    "property",
    "property_title",
    "property_status",
    "property_score",
    "property_max_score",
    "line",
    "seconds",
    "message",
)
MOST_CHARACTERS = 32_000  # a cell of Excel holds 32,767
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # wide ones too

# Where lists are parted by semicolons, a spreadsheet looks for a cell after each of them, and takes
# the quotes around ours for its own only where a line begins: then a new line is a new row.
_WITHIN = re.compile(
    r"((?:^|;)[^\S\n]*(?:\"[^\S\n\"]*)*)(?=[" + re.escape("".join(FORMULA)) + "])"
    r"(?![+-][\d.]+(?:e[+-]?\d+)?[^\S\n]*(?:;|$))",
    re.MULTILINE,
)


def render_all(reports: Sequence[Report]) -> str:
    """The columns that speak of the exercise are the same in each of its rows."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for report in reports:
        for case in cases(report):
            writer.writerow(
                [
                    report.number,
                    report.slug,
                    cell(report.path),
                    report.sha256,
                    report.status.value,
                    report.score,
                    report.max_score,
                    report.misconception.name if report.misconception else "",
                    case.name,
                    cell(case.title),
                    case.status.value,
                    case.score,
                    case.max_score,
                    case.line or "",
                    case.seconds,
                    cell(case.text),
                ]
            )
    return file.getvalue()


def cell(text: str) -> str:
    """`text` for one cell; an apostrophe stands before what a spreadsheet takes for a formula,
    whichever sign parts its cells."""
    text = _WITHIN.sub(r"\1'", clip(clean(text), MOST_CHARACTERS))
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
