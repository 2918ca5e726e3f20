"""Sizes between the small cases and the clock's: which are tried, and what dies of them."""

from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
import torch
from quality import sample
from torch import Tensor

from grader import wire
from grader.course import model as course
from grader.judge import laws
from grader.judge.compare import Mismatch
from grader.judge.effort import Effort
from grader.judge.harness import seed_of
from grader.judge.middle import MOST_ELEMENTS, MOST_TOGETHER, WORK, middles
from grader.judge.strategies import Draws, cases_of
from grader.judge.student import Hung

ROOT = Path(__file__).resolve().parent.parent.parent
SEEDS = range(20)
GRADED = sample(range(3), 3)  # the seeds that answers are graded with
# No more than whether it holds: nothing is looked for that would explain it.
QUICK = {"effort": Effort.VERDICT}
LAW = """
from typing import NamedTuple
from grader.judge import laws
from grader.judge.strategies import cases_of

class Case(NamedTuple):
    x: torch.Tensor

shapes = cases_of(Case, lambda n, t, d: [(n, t, d)])
test_middle_sizes = laws.middle_sizes(shapes.sized, {"double": tuple}, points=100)
"""
AFTER = """
@pytest.mark.order(2)
@pytest.mark.points(0)
def test_after(student):
    \"\"\"It is called again.\"\"\"
    student.double(torch.ones(2, 2, 2))
"""
ANSWER = """
import time

def double(x):
    wrong = {where}
    return x * (3 if wrong else 2)
"""
WRONG = {
    "all between": "500 < x.numel() < 300_000",
    "few": "1_000 < x.numel() < 9_000",
    "some": "9_000 < x.numel() < 80_000",
    "many": "80_000 < x.numel() < 300_000",
    "samples": "x.shape[0] > 512",
    "steps": "x.shape[1] > 512",
    "features": "x.shape[2] > 512",
    "samples from 64": "x.shape[0] > 64",
    "in one of two": "x.shape[1] > 33 and x.shape[2] < 33",
}


class Case(NamedTuple):
    x: Tensor
    w: Tensor
    b: Tensor


class Cube(NamedTuple):
    x: Tensor


cases = cases_of(Case, lambda n, d, h: [(n, d), (h, d), (h,)])
cube = cases_of(Cube, lambda n, t, d: [(n, t, d)])


def one(report):
    (result,) = report.properties
    return result


@pytest.mark.parametrize("seed", SEEDS)
def test_every_axis_is_long_in_turn_and_then_several(seed):
    """From few elements to many, none more than the clock's, with no more work than allowed."""
    found = middles(cases.sized, seed)
    assert [each.elements for each in found] == sorted(each.elements for each in found)
    assert 100_000 < found[-1].elements <= MOST_ELEMENTS
    for axis in range(3):
        long = [each.sizes for each in found if each.sizes[axis] > 512]
        assert any(sum(size > 4 for size in sizes) == 1 for sizes in long)
    for each in found:
        assert each.elements == max(t.numel() for t in cases.sized(Draws(0), *each.sizes))
        assert torch.Size(each.sizes).numel() <= WORK


def test_the_sizes_follow_from_the_seed():
    """The same seed gives the same sizes, so that a failure can be seen again; others do not."""
    assert middles(cases.sized, 1) == middles(cases.sized, 1)
    plans = {tuple(each.sizes for each in middles(cases.sized, seed)) for seed in SEEDS}
    assert len(plans) == len(SEEDS)


def test_an_axis_is_no_longer_than_its_most():
    """`most` bounds an axis by its name, from itself to itself too."""
    for seed in SEEDS:
        found = middles(cases.sized, seed, {"h": 9, "d": 100})
        assert max(each.sizes[2] for each in found) <= 9
        assert max(each.sizes[1] for each in found) <= 100


@pytest.mark.parametrize("seed", SEEDS)
def test_all_tensors_together_fit_where_they_travel(seed):
    """However many there are, as the weights of a deep stack, a right answer may send gradients of
    them all."""

    def stack(draw, h, depth):
        return [draw.tensor(h, h) for _ in range(depth)]

    found = middles(stack, seed, {"depth": 100})
    together = [sum(t.numel() for t in stack(Draws(0), *each.sizes)) for each in found]
    assert 300_000 < max(together) <= MOST_TOGETHER
    results = MOST_ELEMENTS  # beside the gradients
    assert 8 * (MOST_TOGETHER + results) < min(wire.REPLY.body, wire.MESSAGE.body)


@pytest.mark.parametrize("where", WRONG.values(), ids=WRONG)
def test_wrong_between_is_wrong(tiny, where):
    """Whatever decides: the number of elements, or how long one axis is."""
    for seed in GRADED:
        report = tiny.grade(ANSWER.format(where=where), LAW, seed=seed, **QUICK)
        assert one(report).status == "failed", seed


def test_a_right_answer_passes(tiny):
    """Loops over samples too."""
    answer = "import torch\ndef double(x):\n    return torch.stack([2 * row for row in x])\n"
    for seed in GRADED:
        assert one(tiny.grade(answer, LAW, seed=seed)).status == "passed"


SHIFTED = "def double(x, factor=2.0, shift=1.0, times=3):\n    return factor * x + {} + 0 / times\n"


@pytest.mark.parametrize("call", ["", " 2.0, 5.0"])
def test_zero_is_not_the_same_as_not_given(tiny, call):
    """An optional number may be 0, which is false, whether the cases give it or not."""
    law = LAW.replace("tuple", f"lambda case: (case.x,{call})")
    right, wrong = SHIFTED.format("shift"), SHIFTED.format("(shift or 1.0)")
    assert one(tiny.grade(right, law, "", right)).status == "passed"
    result = one(tiny.grade(wrong, law, "", right, **QUICK))
    assert result.status == "failed"
    assert "`shift` is 0 here" in result.message


def test_a_zero_that_the_contract_has_not_is_not_tried(tiny):
    """Where the reference raises, or gives what is no number, or the author says so."""
    wrong = "def double(x, base=2.0, parts=3.0):\n    return x * 2 if base and parts else None\n"
    for body in ("x * 2 + 0 / parts + 0 / base", "x * 2 + 0 * x / base / parts"):
        right = f"def double(x, base=2.0, parts=3.0):\n    return {body}\n"
        assert one(tiny.grade(wrong, LAW, "", right)).status == "passed"
    told = LAW.replace("points=100", "zero=False, points=100")
    right = "def double(x, base=2.0, parts=3.0):\n    return x * 2\n"
    assert one(tiny.grade(wrong, told, "", right)).status == "passed"
    assert one(tiny.grade(wrong, LAW, "", right, **QUICK)).status == "failed"


def test_gradients_and_single_precision_are_tried_once(tiny):
    """A gradient that is wrong for larger inputs, and a float32 that is, are found."""
    cut = """
def double(x):
    return x + (x.detach() if x.numel() > 500 else x)
"""
    single = "x.numel() > 500 and x.dtype == __import__('torch').float32"
    for answer in (cut, ANSWER.format(where=single)):
        assert one(tiny.grade(answer, LAW, **QUICK)).status == "failed"


def test_a_failure_names_the_size_and_does_not_write_it_out(tiny):
    """The message says how large the input is; the report stays short."""
    result = one(tiny.grade(ANSWER.format(where="x.numel() > 100_000"), LAW))
    assert "The largest input here is `x`, (" in result.message
    assert len(result.counterexample) < 5_000


def test_the_smallest_size_that_fails_is_shown(tiny):
    """They are tried from few elements to many, by the property's seed."""
    result = one(tiny.grade(ANSWER.format(where="x.numel() > 5_000"), LAW, seed=7, **QUICK))
    plan = middles(cube.sized, seed_of(7, "test_middle_sizes"))
    first = next(each for each in plan if each.elements > 5_000)
    assert str(first.sizes) in result.message


@pytest.mark.slow
def test_what_is_too_slow_is_spared_the_larger_sizes(tiny):
    """A right answer that is slow loses nothing here; nor does it run into the time limit."""
    answer = """
import time

def double(x):
    time.sleep(x.numel() / 2_000)
    return 2 * x
"""
    result = one(tiny.grade(answer, LAW))
    assert (result.status, result.message) == ("passed", None)


@pytest.mark.slow
def test_slow_all_at_once_is_spared_as_well(tiny):
    """What nothing foretold: the call is given up before the time limit, and the answer goes on."""
    answer = """
import time

def double(x):
    if x.numel() > 9_000:
        time.sleep(600)
    return 2 * x
"""
    report = tiny.grade(answer, LAW + AFTER)
    assert [(each.status, each.message) for each in report.properties] == [("passed", None)] * 2


def test_a_hitch_of_the_machine_spares_nobody():
    """One case that took long, however long, is no sign of a slow answer; all of them are."""
    plan = middles(cases.sized, 1)
    quick = [(each, 1e-5) for each in plan[:-1]]
    for number in range(len(quick)):
        hitch = [(each, 0.9 if i == number else spent) for i, (each, spent) in enumerate(quick)]
        assert not laws._too_slow(hitch, plan[-1])
    assert laws._too_slow([(each, each.elements / 1e5) for each in plan[:-1]], plan[-1])


def test_what_was_put_off_is_held_of_a_fast_answer():
    """Who is slow only where nobody times it, and wrong there, gets no marks for its time; a hitch
    of the machine costs a right answer nothing."""
    speed = laws.speed(points=10)
    clock = SimpleNamespace(hold=lambda: None)
    held = []
    speed(clock, SimpleNamespace(put_off=None))
    speed(clock, SimpleNamespace(put_off=lambda: held.append(1)))
    assert held

    def wrong():
        raise Mismatch("It is 3.")

    def slow():
        raise Hung("It did not come back.")

    with pytest.raises(Mismatch, match="It is 3"):
        speed(clock, SimpleNamespace(put_off=wrong))
    with pytest.raises(Mismatch, match="too slow for larger inputs"):
        speed(clock, SimpleNamespace(put_off=slow))


def test_what_was_put_off_is_the_rest(tiny, monkeypatch):
    """All sizes from the first that was not tried; what is wrong there is told as anywhere."""
    monkeypatch.setattr(laws, "FORESEEN", -1.0)
    law = """
@pytest.mark.order(2)
@pytest.mark.points(0)
def test_after(student):
    \"\"\"What was put off is held after all.\"\"\"
    student.put_off()
"""
    report = tiny.grade(ANSWER.format(where="x.numel() > 5_000"), LAW + law)
    first, after = report.properties
    assert (first.status, after.status) == ("passed", "failed")
    assert "The largest input here is `x`" in after.message
    right = tiny.grade(ANSWER.format(where="False"), LAW + law)
    assert [each.status for each in right.properties] == ["passed", "passed"]


def test_every_room_with_tensors_tries_middle_sizes():
    """In each that has a law; what is wrong there loses points, as validation holds."""
    rooms = [exercise.room for exercise in course.load(ROOT).exercises]
    texts = {room.name: (room / "properties.py").read_text() for room in rooms}
    laws = {name: text for name, text in texts.items() if "laws." in text}
    larger = ("middle", "modules.larger(", "def test_larger(", "def test_long(")
    assert not [name for name, text in laws.items() if not any(each in text for each in larger)]


TIES = LAW.replace("(n, t, d)", "(n + 2, 7)").replace("n, t, d:", "n:")
WEIGHED = """
import torch
def double(x):
    hidden, w = torch.tanh(x.abs()), x[0]
    return torch.softmax({scores}, 0)
"""


@pytest.mark.parametrize(
    ("scores", "is_right"),
    [
        ("hidden @ w", True),
        ("(hidden * w).sum(1)", True),
        ("(hidden.flip(1) * w.flip(0)).sum(1)", True),
        ("torch.stack([row.roll(n) @ w.roll(n) for n, row in enumerate(hidden)])", True),
        ("hidden @ w.clamp(max=1e6)", False),
        ("hidden @ w + torch.arange(len(x)) * (w[0].abs() > 1e9) * 1e20", False),
    ],
)
def test_a_tie_that_rounding_decides_costs_nothing(tiny, scores, is_right):
    """Where tanh saturates, all scores of 1e20 are alike but for the order of their sums."""
    for seed in GRADED:
        right = WEIGHED.format(scores="hidden @ w")
        report = tiny.grade(WEIGHED.format(scores=scores), TIES, "", right, seed=seed, **QUICK)
        assert (report.score == 100) == is_right, [p.message for p in report.properties]
