"""Exercise 1, one step of an LSTM: what any right answer obeys."""

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
    c: Tensor
    w_ih: Tensor
    w_hh: Tensor
    b_ih: Tensor
    b_hh: Tensor


cases = cases_of(
    Case,
    lambda n, d, h: [(n, d), (n, h), (n, h), (4 * h, d), (4 * h, h), (4 * h,), (4 * h,)],
)
CALLS = {"lstm_step": tuple}
STEP = ("test_step",)


def lstm_cell(case):
    x, h, c, *parameters = case
    return torch.lstm_cell(x, (h, c), *parameters)


@pytest.mark.points(5)
@given(cases())
def test_half_open(student, case):
    """With all parameters zero, every gate is 1/2: c' = c / 2 and h' = tanh(c') / 2."""
    zeros = [torch.zeros_like(parameter) for parameter in case[3:]]
    half = case.c / 2
    agree(student.lstm_step(*case[:3], *zeros), (torch.tanh(half) / 2, half))


@pytest.mark.points(10)
@pytest.mark.needs("test_half_open")
@given(cases())
def test_carried(student, case):
    """With the forget gate open and the input gate shut, the cell keeps its value."""
    hidden = case.c.shape[1]
    bias = torch.tensor([-500.0, 500.0, 0.0, 0.0], dtype=case.c.dtype).repeat_interleave(hidden)
    _, c = student.lstm_step(*case._replace(b_ih=bias))
    agree(c, case.c, within=ROUNDING)


test_step = laws.reference(
    cases(),
    CALLS,
    points=15,
    needs=["test_half_open"],
    title="x and h drive the gates and the candidate, stacked in torch's order: i, f, g, o.",
)
test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"lstm_step": lstm_cell},
    points=5,
    needs=STEP,
    title="The step matches torch's own LSTMCell.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_step")
@given(cases(), SEEDS)
def test_numbering(student, case, seed):
    """Renumbering the inputs and the hidden units only reorders the result."""
    d, hidden = case.x.shape[1], case.h.shape[1]
    generator = torch.Generator().manual_seed(seed)
    inputs, units = (torch.randperm(size, generator=generator) for size in (d, hidden))
    rows = torch.cat([units + block * hidden for block in range(4)])
    renumbered = Case(
        case.x[:, inputs],
        case.h[:, units],
        case.c[:, units],
        case.w_ih[rows][:, inputs],
        case.w_hh[rows][:, units],
        case.b_ih[rows],
        case.b_hh[rows],
    )
    h, c = student.lstm_step(*case)
    agree(student.lstm_step(*renumbered), (h[:, units], c[:, units]), within=ROUNDING)


test_saturated = laws.magnitudes(cases(), CALLS, points=10, needs=STEP)
test_batch = laws.batch(cases(), CALLS, batched=("x", "h", "c"), points=5, needs=STEP)
test_precision = laws.precision(cases, CALLS, points=10, needs=STEP)
test_gradients = laws.gradients(cases(), CALLS, points=10, needs=STEP)
test_layout = laws.layout(cases(), CALLS, points=5, needs=STEP)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=STEP)
test_middle_sizes = laws.middle_sizes(cases.sized, CALLS, points=5, needs=STEP)
test_speed = laws.speed(points=10)
