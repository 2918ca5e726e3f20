"""A student's notebook with results in it: everything else stays as it was."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.notebook.feedback import with_feedback
from grader.notebook.splice import CellTexts
from grader.report import Misconception, Report, Status
from grader.submission.notebook.cells import code_cells

PATH = Path("attempt.ipynb")
REPORT = Report(
    3, "attention_scoring", "Attention *scoring*", "attempt.ipynb", "00", Status.PARTIAL, 35, 100,
    reason="It says ``` and <script>.", misconception=Misconception("m", "Divide by sqrt(d)."),
)  # fmt: skip
OTHER = Report(6, "count", "Counting", "attempt.ipynb", "00", Status.PASSED, 100, 100)

STUDENT = new_notebook(
    cells=[
        new_markdown_cell("# Mine", id="a"),
        new_code_cell("def attention(): pass", id="b", metadata={"z": 1, "a": [1.0, 1e5]}),
        new_code_cell("x = 1", id="c", execution_count=3),
    ]
)


def cells_of(text: str) -> list[dict[str, Any]]:
    nbformat.validate(nbformat.reads(text, as_version=4))
    return json.loads(text)["cells"]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


@pytest.fixture(params=["nbformat", "compact", "indented by 4", "keys in an odd order", "CRLF"])
def text(request: pytest.FixtureRequest) -> str:
    """The same notebook, as several programs would write it."""
    written = nbformat.writes(STUDENT)
    content = json.loads(written)
    return {
        "nbformat": written,
        "compact": json.dumps(content, separators=(",", ":")),
        "indented by 4": json.dumps(content, indent=4, ensure_ascii=True),
        "keys in an odd order": json.dumps(
            {"cells": 7, **dict(reversed(content.items()))}, indent=2
        ).replace('"cells": 7,', '"cells": [7], "é\\n": {"cells": []},', 1),
        "CRLF": written.replace("\n", "\r\n"),
    }[request.param]


def test_the_students_cells_stay_byte_for_byte(text):
    """However the file is written; so does what is around the cells."""
    before = CellTexts.of(text)
    found = with_feedback(PATH, text, {"2": [REPORT]})
    after = CellTexts.of(found)
    assert [after.cells[i] for i in (0, 1, 3)] == list(before.cells)
    assert (after.before, after.after) == (before.before, before.after)
    assert len(after.cells) == 4
    json.loads(found)


def test_the_result_stands_below_the_answer():
    """With score and diagnosis; whatever the report quotes stays a quotation."""
    _, answer, feedback, _ = cells_of(
        with_feedback(PATH, nbformat.writes(STUDENT), {"2": [REPORT]})
    )
    assert answer["id"] == "b"
    assert feedback["cell_type"] == "markdown"
    assert feedback["metadata"]["tags"] == ["grade:feedback"]
    assert source(feedback).startswith(
        "## Exercise 3. Attention \\*scoring\\*: 35 / 100, partial\n"
    )
    assert "Divide by sqrt(d)." in source(feedback)
    before, fence, after = source(feedback).partition("````text\n")
    assert "<script>" not in before
    assert "It says ``` and <script>." in after
    assert fence


def test_two_answers_in_one_cell_have_two_results():
    """In the order in which they are given."""
    reports = {"2": [REPORT, OTHER], "3": [OTHER]}
    ids = [c["id"] for c in cells_of(with_feedback(PATH, nbformat.writes(STUDENT), reports))]
    assert ids == ["a", "b", "feedback-ex03", "feedback-ex06", "c", "feedback-ex06-2"]


def test_earlier_feedback_is_replaced():
    """Doing it again gives the same file; doing it with nothing gives the student's back."""
    written = nbformat.writes(STUDENT)
    once = with_feedback(PATH, written, {"2": [REPORT], "3": [OTHER]})
    assert with_feedback(PATH, once, {"2": [REPORT], "3": [OTHER]}) == once
    assert with_feedback(PATH, once, {}) == written


def test_feedback_moves_no_cell_of_the_students():
    """Cells are counted without it: a message names the same cell before and after."""
    once = with_feedback(PATH, nbformat.writes(STUDENT), {"2": [REPORT]})
    assert [cell.name for cell in code_cells(PATH, once)] == ["2", "3"]


def test_ids_that_a_student_has_taken_stay_theirs():
    """The format wants them to differ."""
    notebook = new_notebook(cells=[new_code_cell("x = 1", id="feedback-ex03")])
    ids = [
        c["id"] for c in cells_of(with_feedback(PATH, nbformat.writes(notebook), {"1": [REPORT]}))
    ]
    assert ids == ["feedback-ex03", "feedback-ex03-2"]


@pytest.mark.parametrize("minor", [0, 4])
def test_a_notebook_from_before_cells_had_ids_gets_none(minor):
    """Format 4.5 brought them, and earlier ones forbid them."""
    content = json.loads(nbformat.writes(STUDENT))
    content["nbformat_minor"] = minor
    for cell in content["cells"]:
        del cell["id"]
    found = cells_of(with_feedback(PATH, json.dumps(content), {"2": [REPORT]}))
    assert len(found) == 4
    assert not any("id" in cell for cell in found)


def test_a_notebook_in_format_3_comes_out_in_format_4():
    """With the same sources, always in the same words."""
    old = nbformat.writes(nbformat.convert(STUDENT, 3), version=3)
    found = with_feedback(PATH, old, {"2": [REPORT]})
    assert found == with_feedback(PATH, old, {"2": [REPORT]})
    sources = [source(cell) for cell in cells_of(found)]
    assert sources[1] == "def attention(): pass"
    assert sources[2].startswith("## Exercise 3.")
    assert sources[3] == "x = 1"
