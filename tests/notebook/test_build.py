"""Exercises as a notebook, as `grade notebook` writes it."""

import ast
import json
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from grader.course import model as course
from grader.notebook.build import build
from grader.submission.text import read

COURSE = course.load(course.bundled())
ALL = COURSE.exercises


def written(*numbers: int, options: str = "") -> str:
    exercises = [COURSE.exercise(str(number)) for number in numbers]
    return build(COURSE.title, {each: each.stub.read_text() for each in exercises}, options)


def notebook(*numbers: int) -> nbformat.NotebookNode:
    return nbformat.reads(written(*numbers), as_version=4)


@pytest.fixture(scope="module")
def whole() -> nbformat.NotebookNode:
    """Every exercise of the course in one notebook."""
    return notebook(*(exercise.number for exercise in ALL))


def test_it_is_valid_and_always_the_same(whole):
    """In format 4.5, whose cells have ids of their own; nothing in it is drawn or dated."""
    nbformat.validate(whole)
    assert (whole.nbformat, whole.nbformat_minor) == (4, 5)
    ids = [cell.id for cell in whole.cells]
    assert len(set(ids)) == len(ids)
    assert written(3, 5) == written(3, 5)
    assert not any(cell.get("outputs") for cell in whole.cells)


def test_an_exercise_is_a_statement_an_answer_and_a_check():
    """After a title that says how to use it, and the cell that loads the grader."""
    title, setup, statement, answer, check = notebook(3).cells
    assert title.source.startswith("# Deep learning, by hand\n")
    assert "`%grade 3`" in title.source
    assert "    %load_ext grader\n" in setup.source
    assert statement.source.startswith("## Exercise 3. Attention scoring\n\nA query asks, every")
    assert "```text\nscores[n, i, j] = queries[n, i] . keys[n, j] / sqrt(d)\n" in statement.source
    assert answer.metadata.tags == ["grade:ex03_attention_scoring"]
    assert answer.source.startswith("from torch import Tensor\n\n\ndef attention_scores(")
    assert answer.source.endswith("raise NotImplementedError")
    assert "Exercise 3." not in answer.source
    assert check.source == "%grade 3"


def test_every_exercise_is_there_whole(whole):
    """Each stub, its docstring in a statement, and the parts of the course as headings."""
    sources = [cell.source for cell in whole.cells]
    for exercise in ALL:
        tree = ast.parse(exercise.stub.read_text())
        (answer,) = [
            cell for cell in whole.cells if cell.metadata.get("tags") == [f"grade:{exercise.stem}"]
        ]
        functions = [ast.dump(node) for node in tree.body[1:]]
        assert [ast.dump(node) for node in ast.parse(answer.source).body] == functions
        statement = sources[sources.index(answer.source) - 1]
        for line in (ast.get_docstring(tree) or "").splitlines():
            if line.startswith("    "):
                assert line[4:].strip() in statement
        assert sources[sources.index(answer.source) + 1] == f"%grade {exercise.number}"
        assert f"## {exercise.part}" in sources


@pytest.mark.slow
def test_the_untouched_notebook_is_the_untouched_stubs(whole, tmp_path):
    """Each exercise is graded as its own stub would be: not started."""
    path = tmp_path / "course.ipynb"
    path.write_text(nbformat.writes(whole))
    for exercise, found in zip(ALL, read(path).answers_to(ALL), strict=True):
        # Of a constant, only what an answer uses is graded with it; a stub uses none.
        stub, mine = (
            [node for node in body if not isinstance(node, ast.Pass | ast.Assign)]
            for body in (
                ast.parse(exercise.stub.read_text()).body[1:],
                ast.parse(found.source).body,
            )
        )
        assert list(map(ast.dump, mine)) == list(map(ast.dump, stub))


@pytest.mark.parametrize(
    ("docstring", "said"), [("", ""), ('"""Add them."""\n\n', "\n\nAdd them.")]
)
def test_a_stub_without_a_title_gets_the_courses(docstring, said):
    """As in a course of somebody else's, whose stubs may have no docstring at all."""
    stub = f"{docstring}def add(a, b):\n    raise NotImplementedError\n"
    exercise = replace(COURSE.exercise("3"), number=7, title="Adding <up>")
    cells = json.loads(build("T_1", {exercise: stub}))["cells"]
    assert "".join(cells[0]["source"]).startswith("# `T_1`\n")
    assert "".join(cells[2]["source"]) == f"## Exercise 7. Adding \\<up\\>{said}"
    assert "".join(cells[3]["source"]) == "def add(a, b):\n    raise NotImplementedError"


def test_what_the_check_is_told(tmp_path: Path):
    """Options, such as the course, go to every `%grade`, and into the title."""
    cells = json.loads(written(3, options=" --course '../a b'"))["cells"]
    assert "".join(cells[-1]["source"]) == "%grade 3 --course '../a b'"
    assert "`%grade 3 --course '../a b'`" in "".join(cells[0]["source"])


REPOSITORY = "https://github.com/someone/course.git"


def test_a_notebook_from_github_opens_in_colab_and_installs_the_grader():
    """The badge leads to its own file in the branch of notebooks; elsewhere there is none."""
    exercise = COURSE.exercise("3")
    stubs = {exercise: exercise.stub.read_text()}
    text = build(COURSE.title, stubs, repository=REPOSITORY, name="ex03.ipynb")
    title, setup, *_ = nbformat.reads(text, as_version=4).cells
    address = "https://colab.research.google.com/github/someone/course/blob/notebooks/ex03.ipynb"
    assert title.source.startswith("[![Open In Colab](https://colab.research.google.com/assets/")
    assert f"]({address})\n\n# Deep learning, by hand" in title.source
    assert setup.source.startswith("# grade:skip\n")
    assert f"    %pip install -q git+{REPOSITORY}\n" in setup.source
    for address in ("file:///srv/course", "https://gitlab.com/someone/course"):
        elsewhere = build(COURSE.title, stubs, repository=address, name="ex03.ipynb")
        title, setup, *_ = nbformat.reads(elsewhere, as_version=4).cells
        assert title.source.startswith("# Deep learning")
        assert f"git+{address}\n" in setup.source
