"""`grade notebook` and `grade feedback`, as a person types them."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from commands import GRADE
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.course import model as course

ROOT = Path(__file__).resolve().parent.parent.parent
LAST = course.find(course.bundled()).exercises[-1].number
EXAMPLE = ROOT / "tests" / "example_course"
COUNTING = (ROOT / "solutions" / "ex06_count_conv_params" / "reference.py").read_text()
GATES = (ROOT / "exercises" / "ex02_gru_gates.py").read_text()


def grade(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the real program."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "FORCE_"))}
    return subprocess.run(
        [*GRADE, *map(str, arguments)],
        cwd=cwd,
        env={**environment, "COLUMNS": "80", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def checks(path: Path) -> list[str]:
    """The cells of a notebook that grade."""
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if cell.source.startswith("%grade")]


def test_exercises_are_written_in_the_order_in_which_they_are_named(tmp_path):
    """By any of their names, each once; the program says what to do with the file."""
    done = grade("notebook", "5", "attention_scoring", "05", "-o", "work.ipynb", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "wrote work.ipynb" in done.stdout
    assert "Jupyter" in done.stdout
    assert checks(tmp_path / "work.ipynb") == ["%grade 5", "%grade 3"]


def test_all_of_them(tmp_path):
    """`--all` is every exercise of the course."""
    assert grade("notebook", "--all", "-o", "all.ipynb", cwd=tmp_path).returncode == 0
    numbers = [exercise.number for exercise in course.load(ROOT).exercises]
    assert checks(tmp_path / "all.ipynb") == [f"%grade {number}" for number in numbers]


@pytest.mark.slow
def test_a_notebook_in_chinese(tmp_path):
    """Statements and reports; what the grading is told, it says there too."""
    done = grade("notebook", "3", "--lang", "zh", "-o", "zh.ipynb", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert checks(tmp_path / "zh.ipynb") == ["%grade 3 --lang zh"]
    statement, code = (
        cell.source for cell in nbformat.read(tmp_path / "zh.ipynb", as_version=4).cells[2:4]
    )
    assert statement.startswith("## 练习 3：注意力评分\n\n查询提出问题")
    assert "```text\nscores[n, i, j] = queries" in statement
    assert '"""对值取平均' in code
    assert "# TODO: the" not in code


@pytest.mark.slow
def test_what_is_there_is_not_overwritten(tmp_path):
    """A notebook that somebody has worked in; unless they say --force."""
    path = tmp_path / "work.ipynb"
    path.write_text("mine")
    done = grade("notebook", "3", "-o", path, cwd=tmp_path)
    assert (done.returncode, path.read_text()) == (2, "mine")
    assert "--force" in done.stderr
    assert grade("notebook", "3", "-o", path, "--force", cwd=tmp_path).returncode == 0
    assert checks(path) == ["%grade 3"]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("-o", "a.ipynb"), "--all"),
        (("3", "--all", "-o", "a.ipynb"), "--all"),
        (("999", "-o", "a.ipynb"), f"The nearest is {LAST}"),
        (("3", "-o", "a.py"), "end in .ipynb"),
        (("3", "-o", "nowhere/a.ipynb"), "no folder nowhere"),
        (("3", "-o", "."), "is a folder"),
    ],
)
def test_mistakes_write_nothing(arguments, part, tmp_path):
    """One or two lines say what to do instead."""
    done = grade("notebook", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert part in done.stderr
    assert len(done.stderr.splitlines()) <= 2
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_another_course_is_found_again_from_the_notebook(tmp_path):
    """`%grade` is told where it is, unless it finds it from there by itself."""
    far = tmp_path / "far away"
    far.mkdir()
    done = grade("notebook", "1", "--course", EXAMPLE, "-o", far / "a.ipynb", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (check,) = checks(far / "a.ipynb")
    option = check.removeprefix("%grade 1 --course ")
    assert (far / option).resolve() == EXAMPLE
    near = tmp_path / "course"
    shutil.copytree(EXAMPLE, near)
    done = grade("notebook", "1", "--course", "course", "-o", "course/a.ipynb", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert checks(near / "a.ipynb") == ["%grade 1"]


HOMEWORK = new_notebook(
    cells=[
        new_markdown_cell("# Homework", id="title"),
        new_code_cell(COUNTING, id="counting"),
        new_code_cell("count_conv_params(3, 10, 3)", id="try"),
        new_code_cell(GATES, id="gates"),
    ]
)


@pytest.mark.slow
def test_one_notebook_holds_several_exercises_of_a_report(tmp_path):
    """`grade exercise 2 6 --submission homework.ipynb`, as a server may call it."""
    path = tmp_path / "homework.ipynb"
    nbformat.write(HOMEWORK, path)
    done = grade("exercise", 2, 6, "-s", path, "-f", "json", "--no-speed", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    statuses = [report["status"] for report in json.loads(done.stdout)]
    assert statuses == ["not_started", "passed"]


@pytest.mark.slow
def test_feedback_grades_what_a_notebook_answers(tmp_path):
    """Each exercise under its own answer; started or not, right or not; again replaces it."""
    path, written = tmp_path / "homework.ipynb", tmp_path / "feedback.ipynb"
    nbformat.write(HOMEWORK, path)
    before = path.read_bytes()
    done = grade("feedback", path, "-o", written, "--no-speed", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "100 / 100" in done.stdout
    assert path.read_bytes() == before
    result = nbformat.read(written, as_version=4)
    nbformat.validate(result)
    ids = [cell.id for cell in result.cells]
    assert ids == ["title", "counting", "feedback-ex06", "try", "gates", "feedback-ex02"]
    counting, gates = result.cells[2].source, result.cells[5].source
    assert "100 / 100" in counting
    assert "not started" in gates
    assert [cell for cell in result.cells if "feedback" not in cell.id] == HOMEWORK.cells
    again = grade("feedback", written, "-o", written, "--no-speed", "--force", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert [cell.id for cell in nbformat.read(written, as_version=4).cells] == ids


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (None, "no file or folder"),
        ("{}", "no notebook"),
        (json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), "defines"),
        (nbformat.writes(new_notebook(cells=[new_code_cell("x = 1")])), "defines no function"),
    ],
)
def test_a_notebook_without_an_answer_is_said(content, part, tmp_path):
    """And nothing is written."""
    path = tmp_path / "homework.ipynb"
    if content is not None:
        path.write_text(content)
    done = grade("feedback", path, "-o", tmp_path / "f.ipynb", cwd=tmp_path)
    assert done.returncode == 2
    assert part in done.stderr
    assert len(done.stderr.splitlines()) <= 2
    assert not (tmp_path / "f.ipynb").exists()


def test_feedback_is_for_notebooks(tmp_path):
    """A Python file is sent to the command that grades it."""
    path = tmp_path / "answer.py"
    path.write_text(COUNTING)
    done = grade("feedback", path, "-o", tmp_path / "f.ipynb", cwd=tmp_path)
    assert done.returncode == 2
    assert "grade exercise" in done.stderr


def test_a_notebook_for_each_exercise(tmp_path):
    """In a folder, named as the exercises' files are; none that is there is overwritten."""
    address = "https://github.com/someone/course"
    words = ("notebook", "3", "4", "--each", "--repository", address, "--output", "notebooks")
    done = grade(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "wrote 2 notebooks into notebooks" in done.stdout
    names = ["ex03_attention_scoring.ipynb", "ex04_positional_encoding.ipynb"]
    assert sorted(path.name for path in (tmp_path / "notebooks").iterdir()) == names
    for name in names:
        assert f"/blob/notebooks/{name})" in (tmp_path / "notebooks" / name).read_text()
    assert grade(*words, cwd=tmp_path).returncode == 2


@pytest.mark.parametrize("address", ["someone/course", "https://x.y/a; rm -rf /", "ext::sh -c x"])
def test_what_a_notebook_installs_from_is_an_address_alone(address, tmp_path):
    """Nothing else can come into the cell that installs."""
    done = grade("notebook", "3", "--repository", address, "--output", "x.ipynb", cwd=tmp_path)
    assert done.returncode == 2
    assert "is no address of a git repository" in done.stderr
    assert not (tmp_path / "x.ipynb").exists()
