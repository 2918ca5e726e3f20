"""`results.json` for a question that PrairieLearn grades externally."""

import json
from collections.abc import Sequence
from typing import Any

from grader.formats.cases import Case, cases, heading, remarks, score
from grader.formats.text import clip, fitted
from grader.report import PropertyStatus, Report, Status, clean

MOST_BYTES = 1_000_000


def render_all(reports: Sequence[Report]) -> str:
    """One file for the question, within PrairieLearn's megabyte.

    It is not `gradable`, which costs the student no attempt, where anything could not be graded or
    nothing could be run at all.
    """
    return fitted(lambda length: _rendered(reports, length), MOST_BYTES)


def _rendered(reports: Sequence[Report], length: int) -> str:
    most = sum(report.max_score for report in reports)
    ours = any(report.status is Status.UNGRADED for report in reports)
    invalid = all(report.status is Status.FAILED and not report.properties for report in reports)
    gradable = not (ours or invalid)
    results: dict[str, Any] = {
        "gradable": gradable,
        "score": sum(report.score for report in reports) / most if gradable and most else 0.0,
        "message": clip("\n\n".join(map(_summary, reports)), length),
        "output": clip(clean("\n".join(r.printed for r in reports if r.printed)), length),
    }
    if not gradable:
        results["format_errors"] = [
            clip("\n".join([heading(report), *remarks(report)]), length)
            for report in reports
            if report.status is (Status.UNGRADED if ours else Status.FAILED)
        ]
    if length:
        results["tests"] = [_test(case, length) for report in reports for case in cases(report)]
    return json.dumps(results, indent=1, ensure_ascii=False) + "\n"


def _summary(report: Report) -> str:
    return "\n".join([f"{heading(report)}: {score(report)}", *remarks(report)])


def _test(case: Case, length: int) -> dict[str, Any]:
    # Without points in one test, PrairieLearn shows those of none.
    return {
        "name": case.number,
        "description": case.title,
        "points": case.score,
        "max_points": 0 if case.status is PropertyStatus.BROKEN else case.max_score,
        "message": clip(case.text, length),
    }
