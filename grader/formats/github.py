"""GitHub Actions: annotations at the student's lines, and the summary of a step.

The annotations are workflow commands on standard output; the summary is Markdown, which belongs
into the file that GITHUB_STEP_SUMMARY names.
"""

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from grader.formats import markdown
from grader.formats.cases import cases, heading, joined, score
from grader.formats.text import clip, fitted
from grader.language import say
from grader.report import PropertyStatus, Report, Status, clean

MOST_OF_A_KIND = 10  # of a step; what is more is not shown
MOST_CHARACTERS = 4_000
MOST_SUMMARY_BYTES = 1024 * 1024  # of a step; a longer one is not shown at all


@dataclass(frozen=True)
class Annotation:
    """One message beside a file: `kind` is error, warning or notice; `line` may be unknown."""

    kind: str
    title: str
    message: str
    file: str = ""
    line: int | None = None

    @property
    def command(self) -> str:
        """The workflow command, on one line whatever it says."""
        properties = {"file": self.file, "line": self.line, "title": self.title}
        listed = ",".join(f"{name}={_property(str(v))}" for name, v in properties.items() if v)
        return f"::{self.kind} {listed}::{_data(clip(self.message, MOST_CHARACTERS))}"


def render_all(reports: Sequence[Report]) -> str:
    """Workflow commands: an error for each line at which something fails, one notice of all scores.

    An exercise that could not be graded is a warning, not an error of the student's.
    """
    found = [annotation for report in reports for annotation in _annotations(report)]
    errors = _bounded([annotation for annotation in found if annotation.kind == "error"])
    warnings = _bounded([annotation for annotation in found if annotation.kind == "warning"])
    return "".join(f"{each.command}\n" for each in [*errors, *warnings, _scores(reports)])


def summary(reports: Sequence[Report], already: int = 0) -> str:
    """The Markdown for the step's summary, in the bytes that are left when it has `already`."""
    return fitted(lambda length: markdown.page(reports, length), MOST_SUMMARY_BYTES - already)


def _annotations(report: Report) -> Iterator[Annotation]:
    if report.status in (Status.PASSED, Status.NOT_STARTED):
        return
    failed = (PropertyStatus.FAILED, PropertyStatus.ERROR, PropertyStatus.BROKEN)
    found = [case for case in cases(report) if case.status in failed]
    found.sort(key=lambda case: case.line or math.inf)
    diagnosis = report.misconception.explanation if report.misconception else None
    for line, here in groupby(found, key=lambda case: case.line):
        yield Annotation(
            kind="warning" if report.status is Status.UNGRADED else "error",
            title=f"{heading(report)}: {score(report)}",
            message=joined(diagnosis, *(f"{case.title}\n{case.text}" for case in here)),
            file=_in_repository(report.path),
            line=line,
        )
        diagnosis = None


def _bounded(annotations: list[Annotation]) -> list[Annotation]:
    """As many as are shown; the last one stands for all that would not be."""
    shown, rest = annotations[: MOST_OF_A_KIND - 1], annotations[MOST_OF_A_KIND - 1 :]
    if len(rest) <= 1:
        return annotations
    places = [f"{each.file}:{each.line or 1}: {each.title}" for each in rest]
    title = say("{count} more places; the summary of this step shows them", count=len(rest))
    return [*shown, Annotation(rest[0].kind, title, "\n".join(places))]


def _scores(reports: Sequence[Report]) -> Annotation:
    got = sum(report.score for report in reports)
    most = sum(report.max_score for report in reports)
    lines = [f"{heading(report)}: {score(report)}" for report in reports]
    return Annotation("notice", f"{got} / {most}", "\n".join(lines))


def _in_repository(path: str) -> str:
    """`path` as seen from the root of the checkout, where it lies in it."""
    root = os.environ.get("GITHUB_WORKSPACE")
    whole = Path(path).absolute()
    if root and whole.is_relative_to(root):
        path = whole.relative_to(root).as_posix()
    return clean(path)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
