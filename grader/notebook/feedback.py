"""A student's notebook with the result under each answer.

What was in the notebook stays byte for byte; cells are put between its cells. Feedback from before
is taken out first.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import compress
from pathlib import Path
from typing import Any

from nbformat.v4 import new_markdown_cell

from grader.formats import markdown
from grader.notebook.splice import CellTexts
from grader.report import Report
from grader.submission.notebook.cells import FEEDBACK, MARK, all_cells, is_feedback, notebook

FORMAT = 4
CELL_IDS_SINCE = 5  # nbformat_minor


def with_feedback(path: Path, text: str, reports: Mapping[str, Sequence[Report]]) -> str:
    """The text of a notebook with `reports` below the cells of those names (`cells.Cell.name`).

    A notebook of an earlier format comes out in format 4.
    """
    content = notebook(path, text)
    if json.loads(text)["nbformat"] != FORMAT:
        for number, cell in enumerate(content["cells"], 1):
            cell["id"] = f"cell-{number}"  # in place of random ones
        text = json.dumps(content, indent=1) + "\n"
    cells = all_cells(path, content)
    minor = content.get("nbformat_minor")
    has_ids = isinstance(minor, int) and minor >= CELL_IDS_SINCE
    texts = CellTexts.of(text)
    own = [not is_feedback(cell) for cell in cells]
    taken = {str(cell.get("id")) for cell in compress(cells, own)}
    pieces = []
    for number, own_text in enumerate(compress(texts.cells, own), 1):
        pieces.append(own_text)
        for report in reports.get(str(number), ()):
            cell = _cell(report)
            if has_ids:
                cell["id"] = _free(f"feedback-ex{report.number:02d}", taken)
            pieces.append(texts.written(cell))
    return texts.with_cells(pieces)


def _cell(report: Report) -> dict[str, Any]:
    page = markdown.page([replace(report, path="")], markdown.MOST_CHARACTERS)
    tags = {"tags": [MARK + FEEDBACK]}
    cell: dict[str, Any] = new_markdown_cell(page.rstrip("\n"), metadata=tags)
    del cell["id"]
    return cell


def _free(name: str, taken: set[str]) -> str:
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    taken.add(free)
    return free
