"""The report as one JSON object."""

import json

from grader.report import Report


def render(report: Report) -> str:
    """The object of `report.schema`, with a final newline; plain ASCII, whatever was printed."""
    return json.dumps(report.as_json(), indent=2) + "\n"
