"""The call that failed as a script: it fails as the grading did, and holds once that is mended."""

import contextlib
import dataclasses
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
# Runs the scripts whose paths it reads, each in a fork of its own, and prints how each one ended.
# What one says lies beside it. So torch, which takes a second, is imported once for all of them.
DRIVER = """
import os, runpy, sys, traceback, torch
torch.set_num_threads(1)
sys.dont_write_bytecode = True  # what is mended within a second may look as it was
for path in map(str.strip, sys.stdin):
    child = os.fork()
    if not child:
        for number, name in ((1, ".out"), (2, ".err")):
            os.dup2(os.open(path + name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        sys.path[0] = os.path.dirname(path)
        code = 0
        try:
            runpy.run_path(path, run_name="__main__")
        except SystemExit as leaving:
            code = leaving.code or 0
        except BaseException:
            traceback.print_exc()
            code = 3
        sys.stdout.flush()
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
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


def run_alone(path: Path) -> subprocess.CompletedProcess[str]:
    """Run a script as its owner would."""
    return subprocess.run([sys.executable, str(path)], capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def ended():
    """`ended(path)`: how a script ends in the driver: 0, 1, or 3 where it raises."""
    command = [sys.executable, "-c", DRIVER]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as driver:

        def end(path: Path) -> int:
            print(path, file=driver.stdin, flush=True)
            return int(driver.stdout.readline())

        yield end
        driver.stdin.close()


@pytest.fixture
def run(ended):
    """`run(path)`: what a script says, and how it ends, in an interpreter that has torch."""

    def once(path: Path) -> subprocess.CompletedProcess[str]:
        code = min(ended(path), 1)  # as an interpreter ends where an exception is not caught
        said = [Path(f"{path}{name}").read_text() for name in (".out", ".err")]
        return subprocess.CompletedProcess([str(path)], code, *said)

    return once


@pytest.mark.slow
def test_every_room_has_a_script_for_a_misconception(tmp_path, forkserver, ended):
    """For an exercise the script fails on a wrong answer, and no longer on the right
    one; it needs nothing of the grader's."""
    exercises = sample(EXERCISES, 14)
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
        paths.append(path)
    assert {path: ended(path) for path in paths} == dict.fromkeys(paths, 1)
    for exercise in exercises:
        own = tmp_path / exercise.stem / exercise.stub.name
        own.write_text((exercise.room / "reference.py").read_text())
    assert {path: ended(path) for path in paths} == dict.fromkeys(paths, 0)


@pytest.mark.slow
def test_a_story_with_objects_is_a_script(tmp_path, forkserver, run):
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
def test_each_way_to_fail(debugged, run, answer, properties, words):
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
    done = run_alone(path)
    assert done.returncode == 1
    assert 'ex01_double.py", line 3, in double\n    return x.missing' in done.stderr
    mend(path)
    done = run_alone(path)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_exception_that_should_come(debugged, run):
    """Where ValueError is right, the script is right once it comes."""
    reference = "def double(x):\n    if x.dim() == 2:\n        raise ValueError\n    return x + x\n"
    properties = OTHERWISE.format("student.double.raises(ValueError, x)")
    path, _ = debugged(RIGHT, properties, reference=reference)
    assert run(path).returncode == 1
    mend(path, reference)
    assert run(path).returncode == 0


def test_calls_that_it_takes_together_are_all_there(debugged, run):
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


def test_what_may_be_chosen_is_not_held_against_the_reference(debugged, run):
    """A function that no property compares is held against its own other result, not against the
    reference's."""
    properties = OTHERWISE.format("agree(student.double(x), student.double(x), within=0)")
    answer = "import itertools\nn = itertools.count()\ndef double(x):\n    return x + next(n)\n"
    path, script = debugged(answer, properties)
    assert script.text.count(" = double(x)") == 2
    assert run(path).returncode == 1
    mend(path, "def double(x):\n    return x - 7\n")  # steady, and not what the reference does
    assert run(path).returncode == 0


def test_large_tensors_lie_beside_the_script(debugged, run):
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


@pytest.mark.slow
def test_the_driver_tells_an_ending_from_another(tmp_path, ended, run):
    """What the other tests lean on: exit codes and words come through, errors are told apart, and
    no script sees what another one left."""
    texts = {
        "right": "import torch; torch.left = 1; print('fine')",
        "wrong": "import sys, torch; sys.exit(hasattr(torch, 'left') + 1)",
        "broken": "1 / 0",
    }
    paths = [tmp_path / f"{name}.py" for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text)
    assert [ended(path) for path in paths] == [0, 1, 3]
    right, _, broken = map(run, paths)
    assert (right.stdout, right.stderr, broken.returncode) == ("fine\n", "", 1)
    assert "ZeroDivisionError" in broken.stderr
