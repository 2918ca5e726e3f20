"""The report as one JSON object; several as an array of such."""

import json
from collections.abc import Sequence
from typing import Any

from grader.report import Report


def render(report: Report) -> str:
    """The object of `report.schema`, with a final newline; plain ASCII, whatever was printed."""
    return _text(report.as_json())


def render_all(reports: Sequence[Report]) -> str:
    """One object for one report, an array of objects for several."""
    objects = [report.as_json() for report in reports]
    return _text(objects if len(objects) > 1 else objects[0])


def _text(content: Any) -> str:
    return json.dumps(content, indent=2) + "\n"
