"""Exercise 12, one step of a recurrent network: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from torch import Tensor

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import SEEDS, cases_of


class Case(NamedTuple):
    x: Tensor
    h: Tensor
    w_ih: Tensor
    w_hh: Tensor
    b_ih: Tensor
    b_hh: Tensor


cases = cases_of(Case, lambda n, d, h: [(n, d), (n, h), (h, d), (h, h), (h,), (h,)])
CALLS = {"rnn_step": tuple}
STEP = ("test_step",)


@pytest.mark.points(5)
@given(cases())
def test_zeros(student, case):
    """With all parameters zero, the next state is zero, whatever x and h are."""
    zeros = [torch.zeros_like(parameter) for parameter in case[2:]]
    agree(student.rnn_step(case.x, case.h, *zeros), torch.zeros_like(case.h))


test_step = laws.reference(
    cases(),
    CALLS,
    points=15,
    needs=["test_zeros"],
    title="The next state is the tanh of one sum: a product with x, one with h, and both biases.",
)
test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"rnn_step": lambda case: torch.rnn_tanh_cell(*case)},
    points=5,
    needs=STEP,
    title="The step matches torch's own RNNCell.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_step")
@given(cases())
def test_biases(student, case):
    """Only the sum of the two biases counts: moving one into the other changes nothing."""
    moved = case._replace(b_ih=torch.zeros_like(case.b_ih), b_hh=case.b_ih + case.b_hh)
    agree(student.rnn_step(*moved), student.rnn_step(*case), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_step")
@given(cases())
def test_odd(student, case):
    """Flipping the sign of x, h and both biases flips the sign of the next state."""
    turned = Case(-case.x, -case.h, case.w_ih, case.w_hh, -case.b_ih, -case.b_hh)
    agree(student.rnn_step(*turned), -student.rnn_step(*case), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_step")
@given(cases(), SEEDS)
def test_numbering(student, case, seed):
    """Renumbering the inputs and the hidden units only reorders the result."""
    generator = torch.Generator().manual_seed(seed)
    inputs, units = (torch.randperm(size, generator=generator) for size in case.w_ih.shape[::-1])
    renumbered = Case(
        case.x[:, inputs],
        case.h[:, units],
        case.w_ih[units][:, inputs],
        case.w_hh[units][:, units],
        case.b_ih[units],
        case.b_hh[units],
    )
    h = student.rnn_step(*case)
    agree(student.rnn_step(*renumbered), h[:, units], within=ROUNDING)


test_saturated = laws.magnitudes(
    cases(),
    CALLS,
    points=10,
    needs=STEP,
    title="With values in the thousands, the state stays between -1 and 1 and is never nan.",
)
test_batch = laws.batch(cases(), CALLS, batched=("x", "h"), points=5, needs=STEP)
test_precision = laws.precision(cases, CALLS, points=10, needs=STEP)
test_gradients = laws.gradients(cases(), CALLS, points=10, needs=STEP)
test_layout = laws.layout(cases(), CALLS, points=5, needs=STEP)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=STEP)
test_middle_sizes = laws.middle_sizes(cases.sized, CALLS, points=5, needs=STEP)
test_speed = laws.speed(points=10)
