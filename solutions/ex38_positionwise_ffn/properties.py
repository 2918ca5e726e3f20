"""Exercise 38, the feed-forward network at every position: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import linear, relu

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import LAYOUTS, SEEDS, cases_of, relayouted


class Case(NamedTuple):
    x: Tensor
    w1: Tensor
    b1: Tensor
    w2: Tensor
    b2: Tensor


cases = cases_of(Case, lambda n, t, d, f, o: [(n, t, d), (f, d), (f,), (o, f), (o,)])
CALLS = {"positionwise_ffn": tuple}
BASICS = ("test_asleep", "test_awake", "test_network")
# No drawn sum of products comes near it.
FAR = 1000.0


def off_the_kink(case):
    """Products of tenths are hundredths: half of one more, and no unit sits where relu has no
    slope of its own."""
    return case._replace(b1=case.b1 + 0.005)


@pytest.mark.points(5)
@given(cases())
def test_asleep(student, case):
    """Where b1 is so low that every hidden unit is off, the result is b2 at every position."""
    case = case._replace(b1=case.b1 - FAR)
    n, t, _ = case.x.shape
    agree(student.positionwise_ffn(*case), case.b2.expand(n, t, -1))


@pytest.mark.points(10)
@given(cases())
def test_awake(student, case):
    """Where b1 is so high that every hidden unit is on, the network is one linear map."""
    x, w1, b1, w2, b2 = case = case._replace(b1=case.b1 + FAR)
    together = torch.einsum("ntd,fd,of->nto", x, w1, w2) + w2 @ b1 + b2
    agree(student.positionwise_ffn(*case), together, within=FAR * ROUNDING)


test_network = laws.reference(
    cases(),
    CALLS,
    points=15,
    needs=["test_asleep", "test_awake"],
    title="Every hidden unit passes on what is positive, and 0 where its sum is negative.",
)
test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"positionwise_ffn": lambda c: linear(relu(linear(c.x, c.w1, c.b1)), c.w2, c.b2)},
    points=5,
    needs=BASICS,
    title="The result matches torch's own Linear, ReLU and Linear in a row.",
)


@pytest.mark.points(5)
@pytest.mark.needs(*BASICS)
@given(cases(), SEEDS)
def test_hidden_units(student, case, seed):
    """Renumbering the hidden units, in w1, b1 and w2 alike, changes nothing."""
    units = torch.randperm(len(case.b1), generator=torch.Generator().manual_seed(seed))
    renumbered = case._replace(w1=case.w1[units], b1=case.b1[units], w2=case.w2[:, units])
    out = student.positionwise_ffn(*case)
    agree(student.positionwise_ffn(*renumbered), out, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*BASICS)
@given(cases(), st.sampled_from((4.0, 3.0, 0.5)))
def test_rescaled(student, case, scale):
    """Scaling w1 and b1 by a positive number, and w2 by its inverse, changes nothing."""
    rescaled = case._replace(w1=scale * case.w1, b1=scale * case.b1, w2=case.w2 / scale)
    out = student.positionwise_ffn(*case)
    agree(student.positionwise_ffn(*rescaled), out, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*BASICS)
@given(cases(), SEEDS)
def test_order(student, case, seed):
    """Shuffling the positions just shuffles the results."""
    order = torch.randperm(case.x.shape[1], generator=torch.Generator().manual_seed(seed))
    shuffled = student.positionwise_ffn(*case._replace(x=case.x[:, order]))
    agree(shuffled, student.positionwise_ffn(*case)[:, order], within=ROUNDING)


test_positions = laws.batch(
    cases(),
    CALLS,
    batched={"x": 1},
    results={"positionwise_ffn": (1,)},
    points=5,
    needs=BASICS,
    title="Positions do not affect each other, and a sequence of one position works.",
)
test_batch = laws.batch(cases(), CALLS, batched=("x",), points=5, needs=BASICS)
test_large = laws.magnitudes(cases(), CALLS, points=5, needs=BASICS)
test_precision = laws.precision(cases, CALLS, points=5, needs=BASICS)
test_gradients = laws.gradients(cases().map(off_the_kink), CALLS, points=5, needs=BASICS)


@pytest.mark.points(5)
@pytest.mark.needs(*BASICS)
@laws.FEW
@given(cases())
def test_layout(student, reference, case):
    """Non-contiguous tensors (transposed, strided) give the same results."""
    right = reference.positionwise_ffn(*case)
    for layout in LAYOUTS:
        agree(student.positionwise_ffn(*relayouted(case, layout)), right)


test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=BASICS)
test_middle_sizes = laws.middle_sizes(cases.sized, CALLS, points=5, needs=BASICS)
test_speed = laws.speed(points=10)
