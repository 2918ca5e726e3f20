"""`results.json` for Gradescope's autograder."""

import json
from collections.abc import Sequence
from typing import Any

from grader.formats.cases import Case, cases, heading, remarks, score, stem
from grader.formats.text import clip
from grader.language import say
from grader.report import PropertyStatus, Report, clean

MOST_CHARACTERS = 20_000  # of each text


def render_all(reports: Sequence[Report]) -> str:
    """One file for the assignment: the score is the sum, each property a test.

    An exercise that could not be graded is a test without a score, which Gradescope shows as
    neither passed nor failed; the text above the tests says so first.
    """
    results = {
        "score": sum(report.score for report in reports),
        "execution_time": round(sum(report.seconds for report in reports), 3),
        "output": "\n\n".join(_summary(report) for report in reports),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "stdout_visibility": "hidden",
        "tests": [_test(case) for report in reports for case in cases(report)],
        "extra_data": {"exercises": [_record(report) for report in reports]},
    }
    return json.dumps(results, indent=2) + "\n"


def _test(case: Case) -> dict[str, Any]:
    test: dict[str, Any] = {
        "number": case.number,
        "name": case.title,
        "output": clip(case.text, MOST_CHARACTERS),
        "tags": [case.report.slug],
        "visibility": "visible",
        "extra_data": {"property": case.name, "status": case.status.value},
    }
    if case.status is not PropertyStatus.BROKEN:
        test["score"] = case.score
        test["max_score"] = case.max_score
        test["status"] = "passed" if case.passed else "failed"
    return test


def _summary(report: Report) -> str:
    parts = [f"{heading(report)}: {score(report)}", *remarks(report)]
    if report.printed:
        parts.append(say("Your code printed:") + "\n" + clean(report.printed))
    return clip("\n".join(parts), MOST_CHARACTERS)


def _record(report: Report) -> dict[str, Any]:
    """What staff need to grade it again in the same way."""
    return {
        "exercise": stem(report),
        "status": report.status.value,
        "score": report.score,
        "max_score": report.max_score,
        "sha256": report.sha256,
        "seed": report.seed,
        "environment": report.environment,
        "sandbox": report.sandbox,
    }
