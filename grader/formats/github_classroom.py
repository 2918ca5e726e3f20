"""The result of a GitHub Classroom grader (version 3), which its reporter reads from a step."""

import base64
import json
from collections.abc import Sequence
from typing import Any

from grader.formats.cases import Case, cases
from grader.formats.text import clip, fitted
from grader.report import PropertyStatus, Report, Status, clean

VERSION = 3
MOST_OUTPUT = 500
# The reporter gets it as one environment variable, of which Linux allows 128 KiB.
MOST_BYTES = 120_000


def render_all(reports: Sequence[Report]) -> str:
    """The base64 of one result for the assignment, and a newline."""
    return fitted(lambda length: _encoded(reports, length), MOST_BYTES)


def _encoded(reports: Sequence[Report], length: int) -> str:
    content = json.dumps(_result(reports, length), ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(content.encode()).decode() + "\n"


def _result(reports: Sequence[Report], length: int) -> dict[str, Any]:
    return {
        "version": VERSION,
        "status": _status(reports),
        "max_score": sum(report.max_score for report in reports),
        "tests": [test for report in reports for test in _tests(report, length)],
    }


def _status(reports: Sequence[Report]) -> str:
    statuses = {report.status for report in reports}
    if Status.UNGRADED in statuses:
        return "error"
    return "pass" if statuses == {Status.PASSED} else "fail"


def _tests(report: Report, length: int) -> list[dict[str, Any]]:
    """A test for each case. The reporter adds up their scores, so that these are what each case
    contributes to the report's, which has another scale where the running time is left out."""
    found = cases(report)
    scores = shares(report.score, [case.score for case in found])
    return [_test(case, part, length) for case, part in zip(found, scores, strict=True)]


def _test(case: Case, score: int, length: int) -> dict[str, Any]:
    status = {PropertyStatus.PASSED: "pass", PropertyStatus.BROKEN: "error"}
    message = clip(case.text, length)
    return {
        "name": f"{case.number} {case.title}",
        "status": status.get(case.status, "fail"),
        "message": message,
        "test_code": "",
        "task_id": case.report.number,
        "filename": clean(case.report.path),
        "line_no": case.line or 0,
        "duration": case.seconds,
        "score": score,
        "output": clip(message, MOST_OUTPUT),
    }


def shares(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in whole parts that add up to it, in proportion to the weights; zeros for zeros."""
    parts, given, weighed = [], 0, 0
    for weight in weights:
        weighed += weight
        upto = total * weighed // (sum(weights) or 1)
        parts.append(upto - given)
        given = upto
    return parts
