"""`result.json` for Classroom 50 (schema `classroom50/result/v1`).

Who and what is graded comes from the variables that its runner sets for an autograder, or, where
one is missing, from those of GitHub Actions:

    classroom, assignment   CLASSROOM, ASSIGNMENT
    submission              SUBMISSION_TAG
    owner                   OWNER, USERNAME, GITHUB_ACTOR
    assignment_type         ASSIGNMENT_TYPE, individual
    commit                  COMMIT_URL, or made of GITHUB_SERVER_URL, _REPOSITORY and _SHA
    release                 RELEASE_URL, or made of these and the submission's tag
    review                  REVIEW_URL, the commit

The runner writes its own `owner`, `assignment_type`, `datetime` and `submitted_by` over ours.
"""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from grader.formats import Unrenderable
from grader.formats.cases import Case, cases, stem
from grader.formats.text import clip
from grader.report import Report

SCHEMA = "classroom50/result/v1"
TAG = "submit/"
FIELDS = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "assignment_type": "ASSIGNMENT_TYPE",
    "owner": "OWNER",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}
MOST_CHARACTERS = 2_000  # of each text: forty exercises stay far below the 10 MiB that are read


def render_all(reports: Sequence[Report]) -> str:
    """One file for the assignment: the scores are sums, each property a test.

    Unrenderable where the variables do not say what is graded.
    """
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    result = {
        "schema": SCHEMA,
        **_identity(os.environ),
        "datetime": now,
        "graded_at": now,
        "score": sum(report.score for report in reports),
        "max-score": sum(report.max_score for report in reports),
        # Never empty: the runner takes a result without tests for a pass.
        "tests": [_test(case) for report in reports for case in cases(report)],
    }
    return json.dumps(result, indent=2) + "\n"


def _identity(variables: Mapping[str, str]) -> dict[str, str]:
    found = {**_made(variables), **{name: value for name, value in variables.items() if value}}
    found.setdefault("REVIEW_URL", found.get("COMMIT_URL", ""))
    missing = [name for name in FIELDS.values() if not found.get(name)]
    if missing:
        raise Unrenderable(
            f"A result for Classroom 50 needs {', '.join(missing)} in the environment.",
            "Its runner sets them; docs/formats.md says what they hold.",
        )
    if not found["SUBMISSION_TAG"].startswith(TAG):
        raise Unrenderable(
            f"SUBMISSION_TAG is {found['SUBMISSION_TAG']!r}; Classroom 50 would not accept it.",
            f"The tag of a submission begins with {TAG}",
        )
    return {field: found[name] for field, name in FIELDS.items()}


def _made(variables: Mapping[str, str]) -> dict[str, str]:
    """What can be made of the variables that every step of GitHub Actions has."""
    made = {
        "ASSIGNMENT_TYPE": "individual",
        "OWNER": variables.get("USERNAME") or variables.get("GITHUB_ACTOR", ""),
    }
    with suppress(KeyError):
        repository = f"{variables['GITHUB_SERVER_URL']}/{variables['GITHUB_REPOSITORY']}"
        made["COMMIT_URL"] = f"{repository}/commit/{variables['GITHUB_SHA']}"
        tag = quote(variables["SUBMISSION_TAG"], safe="")
        made["RELEASE_URL"] = f"{repository}/releases/tag/{tag}"
    return made


def _test(case: Case) -> dict[str, Any]:
    return {
        "test-name": f"{case.number} {case.title}",
        "passed": case.passed,
        "score": case.score,
        "max-score": case.max_score,
        "exercise": stem(case.report),
        "property": case.name,
        "status": case.status.value,
        "message": clip(case.text, MOST_CHARACTERS),
    }
