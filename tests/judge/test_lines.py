"""A report names the line of the student's file that a failure is about."""

from pathlib import Path

import nbformat
import pytest

from grader.course import model as course
from grader.judge.effort import Effort
from grader.judge.grading import grade
from grader.report import PropertyStatus, Status
from grader.submission import text as submission

RIGHT = """\
def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
    if in_channels % groups or out_channels % groups:
        raise ValueError
    height, width = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    return out_channels * (in_channels // groups * height * width + bias)
"""


@pytest.fixture
def lines(grade_source):
    """`lines(source)`: the report, and the lines of the properties that did not pass."""

    def graded(source: str):
        report = grade_source("6", source, effort=Effort.NAMED)
        bad = (PropertyStatus.FAILED, PropertyStatus.ERROR)
        return report, {p.line for p in report.properties if p.status in bad}

    return graded


@pytest.mark.slow
def test_a_wrong_value_is_about_its_function(lines):
    """The line of its `def`."""
    assert lines("import math\n\n" + RIGHT.replace(" + bias", ""))[1] == {3}


def test_an_exception_is_about_the_line_that_raised(lines):
    """The last line of the student's own in the traceback."""
    source = RIGHT.replace("    return", "    return helper(groups) *") + (
        "\n\ndef helper(groups):\n    raise KeyError(groups)\n"
    )
    assert lines(source)[1] == {9}


def test_what_passes_or_waits_has_no_line(lines):
    """There is nothing to look at."""
    report, _ = lines(RIGHT.replace(" + bias", ""))
    other = (PropertyStatus.PASSED, PropertyStatus.SKIPPED)
    assert {p.line for p in report.properties if p.status in other} == {None}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "status", "line"),
    [
        ("x = 1\ndef f(:\n", Status.FAILED, 2),
        ("x = 1\ny = undefined\n" + RIGHT, Status.FAILED, 2),
        ("import torch\n\nx = torch.nn.Conv2d\n" + RIGHT, Status.REJECTED, 3),
        (RIGHT, Status.PASSED, None),
    ],
)
def test_an_early_verdict_has_its_line(source, status, line, lines):
    """A syntax error, a failing import, a forbidden built-in."""
    report, _ = lines(source)
    assert (report.status, report.line) == (status, line)


def test_an_untouched_stub_is_about_its_function(grade_source):
    """The line at which to begin."""
    stub = course.load(course.bundled()).exercise("6").stub.read_text()
    report = grade_source("6", stub)
    assert report.status is Status.NOT_STARTED
    assert stub.splitlines()[report.line - 1].startswith("def count_conv_params(")


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", [("return out", "return 1 + out"), ("return out", "return undefined")]
)
def test_a_notebook_has_no_lines(change, tmp_path, forkserver):
    """Its file is JSON: the message names the cell, where there is one to name."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(RIGHT.replace(*change))]
    path = Path(tmp_path / "a.ipynb")
    nbformat.write(notebook, path)
    exercise = course.load(course.bundled()).exercise("6")
    report = grade(
        exercise,
        submission.read(path),
        device="cpu",
        forkserver=forkserver,
        effort=Effort.NAMED,
    )
    assert report.score < report.max_score
    assert {p.line for p in report.properties} == {None}
