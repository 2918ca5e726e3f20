"""A capstone may import the student's own earlier answers: a part of what is handed in."""

import dataclasses
import shutil
import subprocess

import nbformat
import pytest
from commands import GRADE

from grader.cli.learn import first_needed
from grader.course import model as course
from grader.errors import UsageError
from grader.grading import keys
from grader.judge.effort import Effort
from grader.judge.grading import grade
from grader.report import Status
from grader.submission.text import read_with_modules
from tests import training

STUB = training.BUNDLED / "exercises" / "ex16_lstm_forward.py"
SOLVED = training.BUNDLED / "solutions" / "ex16_lstm_forward" / "reference.py"
IMPORT = "from ex16_lstm_forward import lstm_forward\n"


@pytest.fixture
def exercise(tmp_path):
    """Exercise 58 with less to learn, and a folder of answers beside it."""
    found = training.small(tmp_path / "course")
    (tmp_path / "answers").mkdir()
    return found


@pytest.fixture
def handed_in(exercise, tmp_path, forkserver):
    """Grades an answer to it that imports exercise 16 of the text given."""

    def graded(earlier: str, answer: str = "", **options: object):
        folder = tmp_path / "answers"
        (folder / STUB.name).write_text(earlier)
        path = folder / "ex58_language_model.py"
        path.write_text(IMPORT + (answer or training.reference(exercise)))
        options = {"device": "cpu", "speed": False, "effort": Effort.VERDICT, **options}
        return grade(exercise, read_with_modules(path), forkserver=forkserver, **options)

    return graded


def test_an_earlier_answer_goes_along(handed_in, exercise, tmp_path):
    """It is run, it is a part of the digest, and its own policy holds for it."""
    solved = SOLVED.read_text()
    uses = "lstm_forward.__name__ == 'lstm_forward' or 1 / 0\n\n"
    report = handed_in(solved, uses + training.reference(exercise), only="test_budget")
    assert report.status is Status.PASSED
    other = read_with_modules(tmp_path / "answers" / "ex58_language_model.py")
    assert report.sha256 == other.sha256
    (tmp_path / "answers" / STUB.name).write_text(solved + "\n# changed\n")
    changed = read_with_modules(tmp_path / "answers" / "ex58_language_model.py")
    assert changed.sha256 != other.sha256
    # The answer itself may use torch's own LSTM; exercise 16's may not.
    report = handed_in("import torch\n\ndef lstm_forward(*a):\n    return torch.nn.LSTM(2, 3)\n")
    assert report.status is Status.REJECTED
    assert "ex16_lstm_forward.py, line 4" in report.reason.lower()
    assert "torch.nn.LSTM" in report.reason


def test_a_stub_is_to_be_done_first(handed_in):
    """The report says which; a part that is not written yet is named by its file and line."""
    report = handed_in(STUB.read_text())
    assert report.status is Status.FAILED
    assert "ex16_lstm_forward.py" in report.reason
    assert "do exercise 16" in report.reason
    assert "grade show 16" in report.next_step
    begun = "def lstm_forward(x):\n    x = x + 1\n    raise NotImplementedError\n"
    report = handed_in(begun, "\ndef train(corpus, *rest):\n    return lstm_forward(1)\n")
    assert "ex16_lstm_forward.py, line 3" in report.properties[0].message


def test_uses_names_earlier_exercises(tmp_path):
    """A number that is none of an exercise before it is refused with what to write."""
    assert [each.number for each in course.load(training.BUNDLED).exercise("58").uses][:2] == [
        5,
        16,
    ]
    exercise = training.small(tmp_path)
    path = exercise.course / "exercises" / "course.toml"
    path.write_text(path.read_text().replace("uses = [5, 16", "uses = [5, 58"))
    with pytest.raises(UsageError, match="58 uses 58"):
        course.load(exercise.course)


def test_a_notebook_takes_the_file_beside_it(exercise, tmp_path):
    """As a file does; an earlier answer that is a notebook itself cannot be imported."""
    text = training.reference(exercise)
    source = IMPORT + text.replace("    return model", "    assert lstm_forward\n    return model")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    path = tmp_path / "answers" / "ex58_language_model.ipynb"
    nbformat.write(notebook, path)
    (path.parent / STUB.name).write_text(STUB.read_text())
    report = grade(exercise, read_with_modules(path), device="cpu", effort=Effort.VERDICT)
    assert "do exercise 16" in report.reason


def test_next_leads_to_what_is_missing(tmp_path):
    """`grade next` says which earlier answer the one at hand waits for."""
    workspace = tmp_path / "work"
    folder = workspace / "exercises"
    folder.mkdir(parents=True)
    (folder / "course.toml").write_text('course = "bundled"\nexercises = [16, 58]\n')
    shutil.copy(STUB, folder)
    own = folder / "ex58_language_model.py"
    own.write_text(IMPORT + "def train(corpus, vocab_size, steps, generator):\n    return 1\n")
    wanted = course.load(workspace).exercise("58")
    assert first_needed(wanted).number == 16
    shutil.copy(SOLVED, folder / STUB.name)
    assert first_needed(wanted) is None
    own.unlink()
    assert first_needed(wanted) is None


TWO = """
title = "Two"
[[parts]]
title = "One"
[[parts.exercises]]
number = 1
slug = "double"
title = "Double"
functions = ["double"]
[[parts.exercises]]
number = 2
slug = "fourfold"
title = "Fourfold"
functions = ["fourfold"]
uses = [1]
"""
DOUBLE = "def double(x):\n    return x + x\n"
FOURFOLD = "def fourfold(x):\n    return 4 * x\n"
PROPERTY = """
import pytest
import torch
from grader.judge.compare import agree


@pytest.mark.points(100)
def test_three(student):
    \"\"\"Of three.\"\"\"
    agree(student.{name}(torch.tensor(3.0)), torch.tensor({right}))
"""


@pytest.fixture
def two(tmp_path):
    """A course of two exercises, where the second may import what answers the first."""
    home = tmp_path / "two"
    for stem, reference, right in (
        ("ex01_double", DOUBLE, 6.0),
        ("ex02_fourfold", FOURFOLD, 12.0),
    ):
        room = home / "solutions" / stem
        room.mkdir(parents=True)
        (room / "reference.py").write_text(reference)
        (room / "properties.py").write_text(PROPERTY.format(name=stem[5:], right=right))
        (room / "misconceptions.py").write_text("")
        (home / "exercises").mkdir(exist_ok=True)
        stub = f"def {stem[5:]}(x):\n    raise NotImplementedError\n"
        (home / "exercises" / f"{stem}.py").write_text(stub)
    (home / "exercises" / "course.toml").write_text(TWO)
    return home


@pytest.mark.slow
def test_in_a_class_it_is_the_students_own(two, tmp_path):
    """Each has what lies in their own folder; where it has changed, what uses it is graded anew."""
    submissions, out = tmp_path / "submissions", tmp_path / "out"
    answer = "from ex01_double import double\n\ndef fourfold(x):\n    return double(double(x))\n"
    stub = (two / "exercises" / "ex01_double.py").read_text()
    for who, earlier in (("ada", DOUBLE), ("zoe", stub)):
        (submissions / who).mkdir(parents=True)
        (submissions / who / "ex02_fourfold.py").write_text(answer)
        (submissions / who / "ex01_double.py").write_text(earlier)

    def graded() -> str:
        command = [*GRADE, "class", submissions, "-o", out, "-e", "2"]
        command += ["--course", two, "--seed", "1", "--jobs", "1"]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    said = graded()
    assert "ada ex02_fourfold: 100/100" in said
    assert "zoe ex02_fourfold: 0/100" in said
    assert "2 known already" in graded()
    (submissions / "zoe" / "ex01_double.py").write_text(DOUBLE + "# mine\n")
    assert "zoe ex02_fourfold: 100/100" in graded()


def test_what_a_capstone_may_import_decides_about_its_result(exercise):
    """Another policy, or stub, of an exercise that is used: what was graded by it is old."""
    before = keys.of_exercise(exercise)
    first, *others = exercise.uses
    for changed in ({"forbidden": ("torch.nn.GRU",)}, {"slug": "other"}):
        uses = (dataclasses.replace(first, **changed), *others)
        assert keys.of_exercise(dataclasses.replace(exercise, uses=uses)) != before
    assert keys.of_exercise(dataclasses.replace(exercise, uses=())) != before
