"""Reading a submission's source has an end, and what has none costs the submission its marks."""

import json
import os
from pathlib import Path

import pytest
from quality import sample

from grader.course import model as course
from grader.judge.grading import Grading
from grader.report import Status
from grader.submission import limited, reading
from grader.submission import text as submission
from grader.submission.policy import Violation

pytestmark = pytest.mark.usefixtures("within_limits")

EXERCISE = course.load(course.bundled()).exercise("3")
CELL = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
NOTEBOOK = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}}
MIB = 1 << 20


def notebook(*cells, **more):
    return json.dumps({**NOTEBOOK, "cells": [{**CELL, **more, "source": each} for each in cells]})


def filled(text, most=MIB - 100):
    return text * (most // len(text))


# The largest files that are read at all: each used to take minutes, or much memory.
BOMBS = {
    "an f-string.py": 'f"' + filled("{x}") + '"',
    "an f-string of lines.py": 'f"""' + filled("{x}\n") + '"""',
    "f-strings.py": filled('f"' + "{x}" * 20_000 + '"\n'),
    "names for each other.py": filled("x=y\ny=x\n"),
    "stars.py": filled("from torch import *\nrelu(x)\n"),
    "a chain.py": "x = torch" + filled(".nn"),
    "brackets.py": "(" * (MIB - 100),
    "minuses.py": "-" * (MIB - 100) + "1",
    "a sum.py": "x = 1" + filled("+1"),
    "lambdas.py": filled("lambda:"),
    "functions.py": filled("def attention(q,k,v): return q\n"),
    "an f-string.ipynb": notebook('f"' + filled("{x}", MIB - 5000) + '"'),
    "names for each other.ipynb": notebook(*["x=y\ny=x\n" * 900] * 5),
    "f-strings.ipynb": notebook(*['f"' + "{x}" * 60_000 + '"'] * 5),
    "tags.ipynb": notebook(
        "x = 1", metadata={"tags": [f"grade:exercise-{number}" for number in range(100_000)]}
    ),
    "outputs.ipynb": notebook("x = 1", outputs=[[]] * 2_000_000),
}


@pytest.fixture
def soon(monkeypatch):
    """Reading is given up after a second: what has no end is none the worse for it."""
    monkeypatch.setattr(limited, "SECONDS", 1)


def cpu() -> float:
    """The processor time that this process and its children have had."""
    return sum(os.times()[:4])


@pytest.mark.slow
@pytest.mark.parametrize("name", sample(BOMBS, 3))
def test_the_worst_file_is_read_or_given_up_within_seconds(name, soon):
    """Whatever is in it, a notebook or not, in all that is done before any worker starts."""
    before = cpu()
    found = submission.parse(Path(name), BOMBS[name].encode())
    grading = Grading(EXERCISE, found)
    try:
        report = grading.verdict
    finally:
        grading.close()
    assert cpu() - before < 3 * (limited.SECONDS + 2)
    assert grading.submission.definition("attention") is None or report is None
    if report is not None:
        assert (report.status, report.score) == (Status.FAILED, 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["an f-string.py", "an f-string.ipynb"])
def test_a_file_that_takes_too_long_to_read_has_failed_in_plain_words(name, soon):
    """It is no mistake of the command, and says what to do."""
    found = submission.parse(Path(name), BOMBS[name].encode())
    grading = Grading(EXERCISE, found)
    grading.close()
    assert grading.verdict is not None
    assert grading.verdict.status is Status.FAILED
    assert "takes too long to read" in grading.verdict.reason
    assert grading.verdict.next_step == "Write it more simply and grade again."
    assert grading.submission.definition("attention") is None


def read(text, forbidden=("torch.nn.MultiheadAttention",)):
    found = submission.Submission(Path("a.py"), "", text)
    return reading.read(found, ["f"], forbidden)


@pytest.mark.slow
def test_what_is_found_comes_back_whole():
    """Each of what a verdict can rest on."""
    assert read("x = (").syntax_error == (1, "'(' was never closed")
    assert read("x = " + "-" * 100_000 + "1").is_too_deep
    assert read("def f(): raise NotImplementedError").is_not_started
    found = read("import torch\n\ndef f(): return torch.nn.MultiheadAttention(1, 1)\n")
    assert found.violation == Violation(3, "torch.nn.MultiheadAttention")
    assert found.definitions == {"f": 3}
    assert read("def f(): return 1") == reading.Reading(definitions={"f": 1})


def test_a_grading_reads_the_source_once(monkeypatch):
    """Where a function is defined is known from then on."""
    grading = Grading(EXERCISE, submission.Submission(Path("a.py"), "", "\ndef f(): return 1"))
    grading.close()
    monkeypatch.setattr(limited, "ask", None)
    assert grading.submission.definition("f") == 2
    assert grading.submission.definition("g") is None


def test_what_a_function_uses_is_found_through_others():
    """Directly, by a helper, and not where only a name inside another object is the same."""
    text = (
        "def f(): return 1\n"
        "def helper(): return [f() for _ in range(2)]\n"
        "def g(): return helper()\n"
        "def h(): return other.f\n"
        "def k(): return k, g\n"
    )
    found = reading.read(submission.Submission(Path("a.py"), "", text), ["f", "g", "h", "k"], [])
    assert found.uses == {"g": ["f"], "k": ["f", "g"]}
