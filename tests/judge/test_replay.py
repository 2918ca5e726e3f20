"""What a judge remembers of those who passed makes less work, and no other report."""

import dataclasses
import shutil

import pytest
from quality import WHOLE, sample

from grader.course import model as course
from grader.judge import replay
from grader.judge import student as judged
from grader.judge.effort import Effort
from grader.judge.grading import grade
from grader.submission import text

COURSE = """
format = 2
title = "Remembered"
[limits]
property_seconds = 2
[[parts]]
title = "Part one"
[[parts.exercises]]
number = 1
slug = "scaled"
title = "Scaled"
functions = ["scaled"]
classes = { Scale = ["forward"] }
hints = [{ text = "one" }, { text = "two" }, { text = "three" }]
"""
STUB = '''"""Exercise 1."""
import torch


def scaled(x, by=2.0):
    """`x` divided by `by`."""
    # TODO: divide
    raise NotImplementedError


class Scale(torch.nn.Module):
    """Divides."""

    def __init__(self, by):
        # TODO: keep it
        raise NotImplementedError

    def forward(self, x):
        """`x` divided."""
        # TODO: divide
        raise NotImplementedError
'''
REFERENCE = '''"""Exercise 1."""
import torch


def scaled(x, by=2.0):
    """`x` divided by `by`."""
    return x / by


class Scale(torch.nn.Module):
    """Divides."""

    def __init__(self, by):
        super().__init__()
        self.by = by

    def forward(self, x):
        """`x` divided."""
        return x / self.by
'''
PROPERTIES = '''"""What any right answer obeys."""
import pytest
from hypothesis import given, settings

from grader.judge import laws
from grader.judge.compare import agree
from grader.judge.strategies import tensors

X = tensors((2, 3))


@pytest.mark.points(30)
@settings(max_examples=6)
@given(X)
def test_value(student, reference, x):
    """It is divided."""
    agree(student.scaled(x, 3.0), reference.scaled(x, 3.0))


@pytest.mark.points(20)
@pytest.mark.needs("test_value")
@settings(max_examples=4)
@given(X)
def test_half(student, x):
    """Twice a half is the whole."""
    half = student.scaled(x)
    agree(2 * half, x)
    agree(student.scaled(half), x / 4)


@pytest.mark.points(20)
@settings(max_examples=3)
@given(X)
def test_object(student, reference, x):
    """An object divides as well, each by its own number."""
    for by in (3.0, 7.0):
        agree(student.Scale(by)(x), reference.Scale(by)(x))


@pytest.mark.points(10)
@pytest.mark.dtypes
def test_dtype(student, reference):
    """The dtype stays."""
    import torch

    x = torch.ones(3, dtype=torch.float32)
    agree(student.scaled(x, 3.0), reference.scaled(x, 3.0))


@pytest.mark.points(20)
@pytest.mark.effects
@settings(max_examples=3)
@given(X)
def test_unchanged(student, x):
    """The argument stays as it is."""
    before = x.clone()
    agree(student.scaled.changes(x)[0][0], before)
'''
# What stands in place of `return x / by`, in a right answer to which nothing else was done.
ANSWERS = {
    "as another's": "return x / by",
    "with another rounding": "return x * (1 / by)",
    "wrong at once": "return x * by",
    "wrong for a default": "return x / by if by != 2.0 else x / 2.5",
    "wrong at the 13th call": "return x / by if tick() != 13 else x",
    "wrong from the 12th call on": "return x / by if tick() < 12 else x",
    "nothing at the 3rd call": "return x / by if tick() != 3 else None",
    "raises at the 9th call": "return x / by if tick() != 9 else 1 / 0",
    "ends the process at the 14th call": "return x / by if tick() != 14 else os._exit(3)",
    "crashes at the 2nd call": "return x / by if tick() != 2 else os.kill(os.getpid(), 11)",
    "hangs at the 15th call": "return x / by if tick() != 15 else forever()",
    "random": "return x / by if torch.rand(()) < 0.9 else x",
    "changes its argument": "return x.div_(by)",
    "changes it at the 17th call": "return x / by if tick() != 17 else x.div_(by)",
    "in float32": "return (x / by).float()",
    "keeps its result": "return torch.div(x, by, out=kept) if x.shape == (2, 3) else x / by",
    "takes one argument": "one argument",
    "prints": "print('here', tick()); return x / by",
    "prints without end at the 17th call": "return x / by if tick() != 17 else print('y' * 10**6)",
    "answers twice": "return x / by if tick() != 5 else twice()",
    "what cannot be sent": "return x / by if tick() != 12 else iter(x)",
}
RIGHT = ("as another's", "with another rounding", "prints")
BEGINNING = """
import os

calls = 0
kept = torch.zeros(2, 3, dtype=torch.float64)


def tick():
    global calls
    calls += 1
    return calls


def forever():
    while True: pass  # on one line, which is the one that the report names


def twice():
    for number in range(3, 20):
        try:
            os.write(number, b"GRD1" + bytes(60))
        except OSError:
            pass
"""


def answer(line: str) -> str:
    """A submission with this line in `scaled`."""
    source = REFERENCE.replace("import torch\n", f"import torch\n{BEGINNING}", 1)
    if line == ANSWERS["takes one argument"]:
        return source.replace("scaled(x, by=2.0)", "scaled(x)")
    return source.replace("return x / by\n", f"{line}\n", 1)


@pytest.fixture(scope="module")
def exercise(tmp_path_factory):
    """An exercise with a function and a class, and few cases."""
    folder = tmp_path_factory.mktemp("course")
    room = folder / "solutions" / "ex01_scaled"
    room.mkdir(parents=True)
    (folder / "exercises").mkdir()
    (folder / "exercises" / "course.toml").write_text(COURSE)
    (folder / "exercises" / "ex01_scaled.py").write_text(STUB)
    (room / "reference.py").write_text(REFERENCE)
    (room / "properties.py").write_text(PROPERTIES)
    (room / "misconceptions.py").write_text('"""None so far."""\n')
    return course.load(folder).exercise("1")


@pytest.fixture
def graded(exercise, forkserver):
    """`graded(source, **options)`: the report but for its seconds."""

    def graded(source, *, of=exercise, **options):
        submission = text.read(of.room / "reference.py").with_source(source)
        options = {"seed": 11, "device": "cpu", "forkserver": forkserver, **options}
        report = dataclasses.asdict(grade(of, submission, **options))
        for each in (report, *report["properties"]):
            del each["seconds"]
        return report

    replay.forget()
    yield graded
    replay.forget()


def test_who_answers_as_another_did_is_not_tried_by_the_properties(graded, monkeypatch):
    """Once an answer has passed, one with the same replies passes without the properties being
    run; its report is the same."""
    first = graded(answer("return x / by"))
    assert first["status"] == "passed"

    def refuse(*_, **__):
        raise AssertionError("the properties were run")

    monkeypatch.setattr(pytest, "main", refuse)
    second = graded(answer("by = float(by); return x / by"))
    assert second["properties"] == first["properties"]
    with pytest.raises(AssertionError, match="were run"):
        graded(answer("return x * by"))
    with pytest.raises(AssertionError, match="were run"):
        graded(answer("return x / by"), seed=12)


@pytest.mark.slow
@pytest.mark.parametrize("number", sample(range(len(ANSWERS)), 12))
def test_every_report_is_what_it_is_without_memory(graded, number):
    """Right, wrong, stateful, crashing, hanging, hostile: verdict, counterexample and diagnosis are
    the same, whatever was graded before; also where one is graded once more."""
    lines = dict(list(ANSWERS.items())[number : number + (5 if WHOLE else 3)])
    assert graded(answer("return x / by"))["score"] == 100
    for name, line in lines.items():
        alone = graded(answer(line), remembers=False)
        assert (alone["score"] == 100) == (name in RIGHT), name
        assert graded(answer(line)) == alone, name
    assert graded(answer(line)) == alone, name


@pytest.mark.slow
def test_so_is_a_verdict_in_another_order(graded):
    """Properties that are tried in another order, up to the first that fails, are known as well."""
    options = {"effort": Effort.VERDICT, "first": ["test_unchanged", "test_object"]}
    assert graded(answer("return x / by"))["score"] == 100
    for name in ("as another's", "wrong at once", "wrong at the 13th call", "keeps its result"):
        line = ANSWERS[name]
        alone = graded(answer(line), remembers=False, **options)
        assert graded(answer(line), **options) == alone, name


@pytest.mark.slow
def test_a_slow_answer_is_tried_by_the_properties(graded, monkeypatch):
    """Who has used more of the time than a right answer does is not spared what the properties
    themselves decide, and gets the same report."""
    first = graded(answer("return x / by"))
    monkeypatch.setattr(judged, "SLOW", -1.0)
    assert graded(answer("return x / by"))["properties"] == first["properties"]


@pytest.mark.slow
def test_what_is_remembered_has_an_end(graded, monkeypatch):
    """Where there is no room for more, answers are graded all the same."""
    monkeypatch.setattr(replay, "MOST", 20_000)
    monkeypatch.setattr(replay, "MOST_REQUESTS", 40)
    for number in range(1, 5):
        line = f"return x / by * (1 + {number} * 1e-15)"
        assert graded(answer(line))["score"] == 100
    held = [each.size for each in replay._properties.values()]
    assert 0 < sum(held) <= 20_000 or len(held) == 1


@pytest.mark.slow
def test_a_property_that_asks_otherwise_each_time_is_not_remembered(
    graded, exercise, tmp_path, monkeypatch
):
    """One that draws from elsewhere than its seed is tried anew by each answer, and a wrong one
    does not pass."""
    shutil.copytree(exercise.course, tmp_path, dirs_exist_ok=True)
    unsteady = course.load(tmp_path).exercise("1")
    path = unsteady.room / "properties.py"
    drawn = "agree(student.scaled(x, 3.0), reference.scaled(x, 3.0))"
    assert drawn in PROPERTIES
    ours = "import os; by = 1.0 + os.urandom(7)[0]; " + drawn.replace("3.0", "by")
    path.write_text(PROPERTIES.replace(drawn, ours))
    for _ in range(replay.MOST_LOST + 1):
        assert graded(answer("return x / by"), of=unsteady)["score"] == 100
    other = graded(answer("return x / by if tick() < 5 else x"), of=unsteady)
    assert other["score"] < 100
    assert other["status"] == "partial"
    assert graded(answer("return x / by"), of=unsteady)["score"] == 100


@pytest.mark.slow
def test_an_exercise_that_was_changed_is_another_one(graded, exercise, tmp_path):
    """Whoever passed the properties as they were has passed nothing of what they are now."""
    shutil.copytree(exercise.course, tmp_path, dirs_exist_ok=True)
    changed = course.load(tmp_path).exercise("1")
    assert graded(answer("return x / by"), of=changed)["score"] == 100
    path = changed.room / "reference.py"
    path.write_text(REFERENCE.replace("return x / by", "return x / (by + 1)"))
    assert graded(answer("return x / by"), of=changed)["score"] < 100
