"""A line for each problem, as compilers write them: editors put them at the student's lines.

    exercises/ex03_attention_scoring.py:12: error: Each score is ...: The result is 0.58; ...

What is no problem is a line that no editor takes for one.
"""

import math
from collections.abc import Iterator, Sequence

from grader.formats.cases import Case, cases, heading, score
from grader.formats.text import clip
from grader.report import PropertyStatus, Report, Status, clean

MOST_CHARACTERS = 400  # of a line's message
PROBLEMS = (PropertyStatus.FAILED, PropertyStatus.ERROR, PropertyStatus.BROKEN)


def render_all(reports: Sequence[Report]) -> str:
    """`FILE:LINE: error: MESSAGE` for each property that fails, in the order of the lines; then how
    each exercise stands. What could not be graded is a warning."""
    lines = [line for report in reports for line in _problems(report)]
    return "".join(f"{line}\n" for line in [*lines, *map(_summary, reports)])


def _problems(report: Report) -> Iterator[str]:
    if report.status is Status.PASSED:
        return
    if report.misconception is not None:
        first = min((each.line for each in cases(report) if each.line), default=None)
        yield _line(report, first, "error", report.misconception.explanation)
    found = [case for case in cases(report) if case.status in PROBLEMS]
    for case in sorted(found, key=lambda each: each.line or math.inf):
        yield _line(report, case.line, _severity(report), _said(case, report.status))


def _said(case: Case, status: Status) -> str:
    first = case.text.split("\n\n", 1)[0]
    if status is Status.NOT_STARTED and first:
        return first  # the title says the same
    return f"{case.title.rstrip('.')}: {first}" if first else case.title


def _severity(report: Report) -> str:
    quiet = {Status.UNGRADED: "warning", Status.NOT_STARTED: "info"}
    return quiet.get(report.status, "error")


def _line(report: Report, line: int | None, severity: str, text: str) -> str:
    words = " ".join(clip(" ".join(clean(text).split()), MOST_CHARACTERS).split())
    place = clean(report.path).replace("\n", " ")
    return f"{place}:{line or 1}: {severity}: {words}"


def _summary(report: Report) -> str:
    return f"{heading(report)} · {score(report)}".replace("\n", " ")
