"""The bundled course grades fairly: `grade validate` holds for every exercise."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from grader import course
from grader.judge import room

ROOT = Path(__file__).resolve().parent.parent
COURSE = course.load(ROOT)


@pytest.mark.parametrize("exercise", COURSE.exercises, ids=lambda e: e.stem)
def test_an_exercise_grades_fairly(exercise):
    """Stub, reference, seeds, misconceptions, right and wrong answers: all get what they should."""
    done = subprocess.run(
        [sys.executable, "-m", "grader", "validate", str(exercise.number)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, "\n".join(
        line for line in done.stdout.splitlines() if not line.startswith("✓")
    )


@pytest.mark.parametrize("exercise", COURSE.exercises, ids=lambda e: e.stem)
def test_an_exercise_is_tried_on_enough(exercise):
    """At least three other right answers, and as many misconceptions as the design asks for."""
    assert len(list((exercise.room / "right").glob("*.py"))) >= 3
    assert list((exercise.room / "wrong").glob("*.py"))
    wrongs = [
        value
        for value in vars(room.load(exercise.room / "misconceptions.py")).values()
        if inspect.isclass(value)
    ]
    tensors = "Tensor" in exercise.stub.read_text()
    assert len(wrongs) >= (5 if tensors else 3)


@pytest.mark.parametrize("exercise", COURSE.exercises, ids=lambda e: e.stem)
def test_a_stub_can_be_read_on_one_screen(exercise):
    """A stub fits a screen, and says what to do in a TODO for each function."""
    text = exercise.stub.read_text()
    assert len(text.splitlines()) <= 50
    assert text.count("# TODO") == len(exercise.functions)
    assert max(map(len, text.splitlines())) <= 100
