"""The bundled course grades fairly: most of what `grade validate` asks holds for every exercise."""

import ast
import re
import statistics
import subprocess
from pathlib import Path

import pytest
from commands import GRADE
from quality import WHOLE, sample

from grader.course import model as course
from grader.judge.effort import Effort
from grader.judge.exhibit import exhibit
from grader.judge.grading import grade
from grader.judge.prove.calibrate import capstone_of
from grader.judge.prove.calibrate import checks as calibrated
from grader.judge.prove.validate import checks, validate_titles
from grader.language import speaking
from grader.learner import statement
from grader.picture import Curves, Picture
from grader.report import Status
from grader.submission import text as submission
from grader.submission.policy import violations

ROOT = Path(__file__).resolve().parent.parent
COURSE = course.load(ROOT)


EVERY = 1 if WHOLE else 20  # of an exercise's right and wrong answers one in this many is tried
CALIBRATED_ON = 20  # seeds, as `grade validate` asks for
TRAINED = [e for e in COURSE.exercises if capstone_of(e)]
TIMED = sample(COURSE.exercises, 6)


@pytest.mark.slow
@pytest.mark.parametrize(
    "exercise", [e for e in COURSE.exercises if e not in TRAINED], ids=lambda e: e.stem
)
def test_an_exercise_grades_fairly(exercise, forkserver):
    """Stub, reference, misconceptions, right and wrong answers: all get what they should. On one
    seed, without the names of the misconceptions, with a part of the answers, some of them timed.
    (All of it: `scripts/check --quality`.)"""
    timed = exercise in TIMED
    found = list(checks(exercise, forkserver, seeds=1, named=False, every=EVERY, speed=timed))
    assert len(found) > 9
    assert not [check.text for check in found if not check.holds]


@pytest.mark.slow
@pytest.mark.parametrize("exercise", TRAINED, ids=lambda e: e.stem)
def test_an_exercise_that_trains_grades_fairly(exercise, forkserver):
    """Its reference passes; every known answer is calibrated as it stands now, and far enough from
    the bar. (The whole of it takes minutes: `scripts/check --quality`.)"""
    report = grade(
        exercise,
        submission.read(exercise.room / "reference.py"),
        device="cpu",
        speed=False,
        forkserver=forkserver,
        effort=Effort.VERDICT,
    )
    assert (report.status, report.score) == (Status.PASSED, 100)
    training = report.training
    height = training.kind.height(training.reference[-1], training.uniform, training.floor)
    assert abs(height - training.kind.more_is_better) < 0.11  # near the best
    found = list(calibrated(exercise, capstone_of(exercise), CALIBRATED_ON))
    assert len(found) >= 10
    assert not [text for text, holds in found if not holds]


@pytest.mark.slow
def test_a_course_is_validated_by_the_command():
    """`grade validate` of several, by processes that share them: in order, and it says how it
    ends. The translations of the others are looked at with their answers."""
    asked = [1, 2, *(exercise.number for exercise in TRAINED)]
    done = subprocess.run(
        [*GRADE, "validate", *map(str, asked), "--translations", "--jobs", "2"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("All of it holds.\n")
    labels = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("✓")]
    in_order = list(dict.fromkeys(labels))  # a room may have several lines
    assert in_order == [*map(str, asked)]
    titles = [check for _, found in validate_titles(ROOT) for check in found]
    assert titles
    assert all(check.holds for check in titles)


@pytest.mark.parametrize("exercise", COURSE.exercises, ids=lambda e: e.stem)
def test_a_stub_can_be_read_on_one_screen(exercise):
    """A stub fits a screen, and says what to do in a TODO for each function or method. A class with
    its constructor may have some lines more."""
    text = exercise.stub.read_text()
    assert len(text.splitlines()) <= (60 if exercise.classes else 50)
    methods = [method for _, methods in exercise.classes for method in methods]
    assert text.count("# TODO") == len([*exercise.functions, *methods])
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.slow
@pytest.mark.parametrize(
    "exercise", sample((e for e in COURSE.exercises if e.has_picture), 5), ids=lambda e: e.stem
)
def test_what_can_be_drawn_is_drawn_alike_for_a_right_answer(exercise, forkserver):
    """The picture of a right answer is the reference's."""
    right = submission.read(sorted((exercise.room / "right").glob("*.py"))[0])
    drawn = exhibit(exercise, right, forkserver)
    assert drawn.note is None
    assert type(drawn.student) is type(drawn.reference)
    if exercise in TRAINED:  # another model: it comes as far, in numbers that are not the same
        off = zip(numbers(drawn.student), numbers(drawn.reference), strict=True)
        assert statistics.fmean(abs(mine - right) for mine, right in off) < 0.2
    else:
        assert numbers(drawn.student) == pytest.approx(numbers(drawn.reference), rel=1e-3)


@pytest.mark.parametrize("to", ["en", "zh"])
def test_a_statement_names_its_time_limit(to):
    """Nobody learns from a report alone that time counts, and how much."""
    with speaking(to):
        for exercise in COURSE.exercises:
            text = statement.of(exercise).text
            limit = {"en": "at most {:g} times what", "zh": "参考答案的 {:g} 倍"}[to]
            timed = (exercise.room / "speed.py").is_file()
            assert (limit.format(exercise.speed_limit) in text) == timed, exercise.stem


@pytest.mark.parametrize("to", ["en", "zh"])
def test_a_statement_says_where_a_tensor_may_be_empty(to):
    """The page of exercises promises that no size is 0 unless a statement says so."""
    assert "never 0" in (ROOT / "exercises" / "README.md").read_text()
    hand_in = re.compile(r"torch\.(?:zeros|ones|empty|randn|rand)\(0\b")
    empty = [e for e in COURSE.exercises if hand_in.search((e.room / "properties.py").read_text())]
    assert {exercise.number for exercise in empty} >= {5, 25, 26}
    with speaking(to):
        for exercise in empty:
            word = {"en": "empty ones", "zh": "空的也在内"}[to]
            assert word in str(statement.of(exercise)), exercise.stem


RECURRENT = [e for e in COURSE.exercises if "torch.nn.RNN" in e.forbidden]


@pytest.mark.parametrize("exercise", RECURRENT, ids=lambda e: e.stem)
def test_a_base_class_that_only_holds_parameters_is_no_built_in(exercise):
    """What computes a step is forbidden by its own name, and what computes nothing is not."""

    def found(name):
        tree = ast.parse(f"import torch\ncell = torch.nn.{name}(2, 3, True, 4)\n")
        return [each.name for each in violations(tree, exercise.forbidden)]

    assert found("RNNCellBase") == []
    for name in ("RNN", "RNNCell", "GRU", "GRUCell", "LSTM", "LSTMCell"):
        assert found(name) == [f"torch.nn.{name}"]


def numbers(picture: Picture) -> list[float]:
    rows = picture.series.values() if isinstance(picture, Curves) else picture.values
    return [number for row in rows for number in row]


def test_the_page_of_exercises_lists_the_course():
    """exercises/README.md has every exercise under its part, with its title, file, idea, reading
    and the earlier exercises that it builds on."""
    page = (ROOT / "exercises" / "README.md").read_text()
    part, rows = "", []
    for line in page.splitlines():
        if line.startswith("## "):
            part = line.removeprefix("## ")
        elif re.match(r"\| \d", line):
            rows.append((part, *(cell.strip() for cell in line.strip("|").split("|"))))
    wanted = [(e.part, str(e.number), f"[{e.title}]({e.stub.name})") for e in COURSE.exercises]
    assert [row[:3] for row in rows] == wanted
    for _, number, _, idea, reading, builds_on in rows:
        assert idea
        assert reading
        earlier = [int(word) for word in builds_on.split(",") if word.strip()]
        assert all(0 < other < int(number) for other in earlier)
