"""The report as one JSON object; several as an array of such."""

import json
from collections.abc import Sequence
from typing import Any

from grader.report import Report, clean


def render(report: Report) -> str:
    """The object of `report.schema`, with a final newline; plain ASCII, whatever was printed."""
    return text(report.as_json())


def render_all(reports: Sequence[Report]) -> str:
    """One object for one report, an array of objects for several."""
    objects = [report.as_json() for report in reports]
    return text(objects if len(objects) > 1 else objects[0])


def text(content: Any) -> str:
    """Any content as JSON, its strings clean: who takes them out of it may print them."""
    return json.dumps(_clean(content), indent=2) + "\n"


def _clean(content: Any) -> Any:
    if isinstance(content, str):
        return clean(content)
    if isinstance(content, dict):
        return {clean(name): _clean(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [_clean(value) for value in content]
    return content
