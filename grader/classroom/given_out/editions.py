"""An exercise as a notebook for students, who may not be able to grade it where they write it."""

import nbformat
from nbformat.v4 import new_markdown_cell

from grader.course.model import Exercise
from grader.notebook.build import build
from grader.notebook.markdown import inline

HOW = (
    "Read the statement, and write your answer in the cell below it, at its `# TODO`. Imports and"
    " functions of your own may stand in any cell; what only tries things out does not count. How"
    " to hand it in is in the README."
)


def notebook(title: str, exercise: Exercise, stub: str, *, grades: bool) -> bytes:
    """The notebook of one exercise; without the cells that grade it unless it `grades`."""
    text = build(title, {exercise: stub})
    return (text if grades else _without_grading(title, text)).encode()


def _without_grading(title: str, text: str) -> str:
    whole = nbformat.reads(text, as_version=4)
    kept = [
        cell
        for cell in whole.cells
        if cell.id not in ("title", "setup") and not cell.id.endswith("-check")
    ]
    heading = new_markdown_cell(f"# {inline(title)}\n\n{HOW}", id="title")
    whole.cells = [heading, *kept]
    return str(nbformat.writes(whole)) + "\n"
