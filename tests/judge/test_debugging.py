"""The call that failed as a script: it fails as the grading did, and holds once that is mended."""

import contextlib
import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest
from quality import sample

from grader.course import model as course
from grader.course.model import Exercise
from grader.judge.explain import diagnosis
from grader.judge.grading import Grading
from grader.judge.prove.calibrate import capstone_of
from grader.judge.script import PREFIX, Script
from grader.submission import text as submission

ROOT = Path(__file__).resolve().parent.parent.parent
EXERCISES = course.find(ROOT).exercises
# Runs scripts one after the other, each in a fork of its own, and prints how each one ended.
DRIVER = """
import contextlib, io, os, runpy, sys, torch
torch.set_num_threads(1)
for path in sys.argv[1:]:
    sys.stdout.flush()
    child = os.fork()
    if not child:
        sys.path[0] = os.path.dirname(path)
        code = 0
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                runpy.run_path(path, run_name="__main__")
            except SystemExit as leaving:
                code = leaving.code
            except BaseException:
                code = 3
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def made(
    exercise: Exercise, source: str, folder: Path, forkserver: object, only: str | None = None
) -> tuple[Path, Script | None]:
    """The script for an answer, written beside it."""
    own = folder / exercise.stub.name
    own.write_text(source)
    found = submission.read_with_modules(own, exercise.packages)
    grading = Grading(exercise, found, speed=False, device="cpu", forkserver=forkserver)
    with contextlib.closing(grading):
        if grading.verdict is None:
            grading.start()
        if grading.verdict is None:
            grading.run()
        script = grading.script(only)
    path = own.with_name(f"{PREFIX}{own.stem}.py")
    if script is not None:
        path.write_text(script.text)
        if script.tensors:
            path.with_suffix(".pt").write_bytes(script.tensors)
    return path, script


def run(path: Path) -> subprocess.CompletedProcess[str]:
    """Run a script as its owner would."""
    return subprocess.run([sys.executable, str(path)], capture_output=True, text=True, timeout=120)


@pytest.mark.slow
def test_every_room_has_a_script_for_a_misconception(tmp_path, forkserver):
    """For an exercise the script fails on a wrong answer, and no longer on the right
    one; it needs nothing of the grader's."""
    exercises = sample(EXERCISES, 4)
    paths = []
    for exercise in exercises:
        wrong = diagnosis.load(exercise.room)[0]
        folder = tmp_path / exercise.stem
        folder.mkdir()
        path, script = made(exercise, wrong.source, folder, forkserver)
        if capstone_of(exercise):  # what is wrong there is a training, and no single call
            assert script is None
            continue
        assert script is not None, exercise.stem
        assert "import grader" not in script.text
        assert "from grader" not in script.text
        paths.append(str(path))
    driver = [sys.executable, "-c", DRIVER, *paths]
    wrong = subprocess.run(driver, capture_output=True, text=True, timeout=600).stdout.split()
    assert dict(zip(paths, wrong, strict=True)) == dict.fromkeys(paths, "1")
    for exercise in exercises:
        own = tmp_path / exercise.stem / exercise.stub.name
        own.write_text((exercise.room / "reference.py").read_text())
    mended = subprocess.run(driver, capture_output=True, text=True, timeout=600).stdout.split()
    assert dict(zip(paths, mended, strict=True)) == dict.fromkeys(paths, "0")


def test_a_story_with_objects_is_a_script(tmp_path, forkserver):
    """Construct, load, call and compare: gradients of parameters too, a method that is missing, and
    with nothing of the grader's."""
    (exercise,) = course.load(ROOT / "tests" / "example_classes").exercises
    right = (exercise.room / "reference.py").read_text()
    line = "return x / torch.sqrt(mean_square + self.eps) * self.weight"
    wrong = {
        "test_gradients": (line, f"{line}.detach()"),
        "test_output": ("def forward", "def backward"),
    }
    said = {"test_gradients": "gradient of `weight`", "test_output": "NotImplementedError"}
    for name, change in wrong.items():
        assert right.count(change[0]) == 1
        path, script = made(exercise, right.replace(*change), tmp_path, forkserver, name)
        assert script is not None
        assert "grader" not in script.text
        assert "rmsnorm.load_state_dict(" in script.text
        ended = run(path)
        assert ended.returncode == 1
        assert said[name] in ended.stdout + ended.stderr
        (tmp_path / exercise.stub.name).write_text(right)
        assert run(path).returncode == 0


COMPARED = """
@pytest.mark.points(100)
@given(cases())
def test_double(student, reference, x):
    "It is twice x."
    agree(student.double(x), reference.double(x))
"""
OTHERWISE = """
@pytest.mark.points(100)
def test_double(student, reference):
    "It is twice x."
    x = torch.arange(6.0).double().reshape(2, 3)
    {}
"""
RIGHT = "def double(x):\n    return x + x\n"


@pytest.fixture
def debugged(tiny, forkserver):
    """`debugged(answer, properties)`: the path of its script, and the script."""

    def make(answer: str, properties: str, **options: str):
        exercise = tiny.exercise(properties, **options)
        return made(exercise, answer, tiny.folder, forkserver)

    return make


def mend(path: Path, source: str = RIGHT) -> None:
    path.with_name(path.name.removeprefix("debug_")).write_text(source)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "properties", "words"),
    [
        ("def double(x):\n    return 3 * x\n", COMPARED, "the result is"),
        ("def double(x):\n    return x.missing\n", COMPARED, "AttributeError"),
        ("def double(x):\n    return (x, x)\n", COMPARED, "the result is tuple (2)"),
        ("def double(x):\n    return (2 * x).float()\n", COMPARED, "of dtype torch.float32"),
        ("def double(x):\n    return 2 * x.numpy()\n", COMPARED, "the result is ndarray"),
        ("def double(x):\n    pass\n", COMPARED, "the result is None"),
        (
            "def double(x):\n    return 2 * x.detach()\n",
            OTHERWISE.format(
                "agree(student.double.gradients(x, seed=1), reference.double.gradients(x, seed=1))"
            ),
            "the gradient of `x` is None",
        ),
        (
            "def double(x):\n    return x.mul_(2)\n",
            OTHERWISE.format("agree(student.double.changes(x), reference.double.changes(x))"),
            "`x` after the call is wrong",
        ),
        (
            "import torch\ndef double(x):\n    torch.rand(1)\n    return 2 * x\n",
            OTHERWISE.format("student.double.leaves_generator(x)"),
            "get_rng_state",
        ),
        (
            "def double(x):\n    return x.as_strided(x.shape, (3, 1)) * 2\n",
            OTHERWISE.format(
                "y = torch.stack([x, x], -1)[..., 0]; agree(student.double(y), reference.double(y))"
            ),
            "is right",
        ),
    ],
    ids=[
        *("value", "raises", "kind", "dtype", "array", "nothing", "gradient", "changes"),
        *("generator", "strides"),
    ],
)
def test_each_way_to_fail(debugged, answer, properties, words):
    """Whatever a property looks at, the script fails at it, says how, and passes once mended."""
    path, script = debugged(answer, properties)
    assert script is not None
    before = run(path)
    assert before.returncode == 1
    assert words in before.stdout + before.stderr
    mend(path)
    after = run(path)
    assert (after.returncode, after.stderr) == (0, "")
    assert "Right" in after.stdout


@pytest.mark.slow
def test_a_traceback_points_into_the_students_file(debugged):
    """The file is imported as it is: the line that raised is the student's own."""
    path, _ = debugged("def double(x):\n    y = 1\n    return x.missing\n", COMPARED)
    assert 'ex01_double.py", line 3, in double\n    return x.missing' in run(path).stderr


@pytest.mark.slow
def test_an_exception_that_should_come(debugged):
    """Where ValueError is right, the script is right once it comes."""
    reference = "def double(x):\n    if x.dim() == 2:\n        raise ValueError\n    return x + x\n"
    properties = OTHERWISE.format("student.double.raises(ValueError, x)")
    path, _ = debugged(RIGHT, properties, reference=reference)
    assert run(path).returncode == 1
    mend(path, reference)
    assert run(path).returncode == 0


@pytest.mark.slow
def test_calls_that_it_takes_together_are_all_there(debugged):
    """An answer that remembers fails in its second call: the script makes both."""
    answer = "kept = {}\ndef double(x):\n    return kept.setdefault(x.shape, 2 * x)\n"
    properties = OTHERWISE.format(
        "agree(student.double(x), reference.double(x)); x = x + 1;"
        " agree(student.double(x), reference.double(x))"
    )
    path, script = debugged(answer, properties)
    assert script.text.count(" = double(x)") == 2
    assert run(path).returncode == 1
    mend(path)
    assert run(path).returncode == 0


@pytest.mark.slow
def test_what_may_be_chosen_is_not_held_against_the_reference(debugged):
    """A function that no property compares is held against its own other result, not against the
    reference's."""
    properties = OTHERWISE.format("agree(student.double(x), student.double(x), within=0)")
    answer = "import itertools\nn = itertools.count()\ndef double(x):\n    return x + next(n)\n"
    path, script = debugged(answer, properties)
    assert script.text.count(" = double(x)") == 2
    assert run(path).returncode == 1
    mend(path, "def double(x):\n    return x - 7\n")  # steady, and not what the reference does
    assert run(path).returncode == 0


@pytest.mark.slow
def test_large_tensors_lie_beside_the_script(debugged):
    """What is too large to read is loaded, exactly as it was."""
    properties = OTHERWISE.format(
        "x = torch.arange(999.0).double(); agree(student.double(x), reference.double(x))"
    )
    path, script = debugged("def double(x):\n    return x + x.sqrt()\n", properties)
    assert script.tensors
    assert len(script.text) < 10_000
    assert run(path).returncode == 1
    mend(path)
    assert run(path).returncode == 0


@pytest.mark.parametrize(
    "answer",
    [
        "def other(x):\n    return x\n",
        "def double(x):\n    raise NotImplementedError\n",
        "def double(x):\n    return x +\n",
        "import torch\ndef double(x):\n    return torch.lerp(x, x, 2)\n",
        "def double(x):\n    raise NotImplementedError\ndef f(x):\n    return 1\n",
        RIGHT,
    ],
    ids=["missing", "not started", "syntax", "forbidden", "unwritten", "right"],
)
def test_where_no_call_is_to_blame_there_is_no_script(debugged, answer):
    """A missing function, a syntax error, a forbidden built-in, a right answer."""
    assert debugged(answer, COMPARED)[1] is None


@pytest.mark.slow
def test_a_call_that_does_not_come_back_is_told(tmp_path, forkserver):
    """Its script is marked, so that nobody runs it unasked."""
    exercise = course.find(ROOT / "tests" / "example_course").exercises[0]
    limits = course.Limits(property_seconds=1, submission_seconds=4)
    exercise = dataclasses.replace(exercise, limits=limits)
    source = (exercise.room / "reference.py").read_text()
    looping = source.replace("return ", "while True:\n        pass\n    return ")
    _, script = made(exercise, looping, tmp_path, forkserver)
    assert script is not None
    assert script.hangs


def test_the_driver_tells_an_ending_from_another(tmp_path):
    """What the test of every room leans on: exit codes come through, and errors are none."""
    texts = {"right": "pass", "wrong": "import sys; sys.exit(1)", "broken": "1 / 0"}
    paths = []
    for name, text in texts.items():
        paths.append(str(tmp_path / f"{name}.py"))
        Path(paths[-1]).write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, *paths],
        capture_output=True,
        text=True,
        env=os.environ,
        timeout=120,
    )
    assert done.stdout.split() == ["0", "1", "3"]
