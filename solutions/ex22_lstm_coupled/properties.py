"""Exercise 22, an LSTM with coupled gates: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from torch import Tensor

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import cases_of


class Case(NamedTuple):
    x: Tensor
    h: Tensor
    c: Tensor
    w_ih: Tensor
    w_hh: Tensor
    b: Tensor


cases = cases_of(Case, lambda n, d, h: [(n, d), (n, h), (n, h), (3 * h, d), (3 * h, h), (3 * h,)])
CALLS = {"coupled_lstm_step": tuple}
STEP = ("test_step",)


def lstm_cell(case):
    """torch's LSTM with the input gate's block set to minus the forget gate's."""
    x, h, c, *parameters = case
    w_ih, w_hh, b = (torch.cat((-p[: h.shape[1]], p)) for p in parameters)
    return torch.lstm_cell(x, (h, c), w_ih, w_hh, b, torch.zeros_like(b))


def candidate(case):
    rows = slice(case.c.shape[1], 2 * case.c.shape[1])
    return torch.tanh(case.x @ case.w_ih[rows].T + case.h @ case.w_hh[rows].T + case.b[rows])


def forgetting(case, amount):
    """The case with the forget gate's bias at `amount`, far from what else goes into the gate."""
    bias = case.b.clone()
    bias[: case.c.shape[1]] = amount
    return case._replace(b=bias)


@pytest.mark.points(10)
@given(cases())
def test_half_open(student, case):
    """With all parameters zero, every gate is 1/2: c' = c / 2 and h' = tanh(c') / 2."""
    zeros = [torch.zeros_like(parameter) for parameter in case[3:]]
    half = case.c / 2
    agree(student.coupled_lstm_step(*case[:3], *zeros), (torch.tanh(half) / 2, half))


@pytest.mark.points(5)
@pytest.mark.needs("test_half_open")
@given(cases())
def test_carried(student, case):
    """With a forget gate of 1, the cell keeps its value, however many steps."""
    case = forgetting(case, 500.0)
    h, c = case.h, case.c
    for _ in range(3):
        h, c = student.coupled_lstm_step(*case._replace(h=h, c=c))
        agree(c, case.c, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_half_open")
@given(cases())
def test_replaced(student, case):
    """With a forget gate of 0, the candidate replaces the cell: c' = tanh(g)."""
    _, c = student.coupled_lstm_step(*forgetting(case, -500.0))
    agree(c, candidate(case), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_half_open")
@given(cases())
def test_between(student, case):
    """The new cell lies between the old one and the candidate tanh(g)."""
    _, c = student.coupled_lstm_step(*case)
    ends = torch.stack((case.c, candidate(case)))
    agree(c, c.clamp(ends.amin(dim=0), ends.amax(dim=0)), within=ROUNDING)


test_step = laws.reference(
    cases(),
    CALLS,
    points=10,
    needs=["test_half_open"],
    title="x, h and the bias drive f, g and o; the input gate is 1 - f.",
)
test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"coupled_lstm_step": lstm_cell},
    points=10,
    needs=STEP,
    title="It matches torch's own LSTMCell with the block of i set to minus that of f.",
)
test_saturated = laws.magnitudes(cases(), CALLS, points=5, needs=STEP)
test_batch = laws.batch(cases(), CALLS, batched=("x", "h", "c"), points=5, needs=STEP)
test_precision = laws.precision(cases, CALLS, points=10, needs=STEP)
test_gradients = laws.gradients(cases(), CALLS, points=10, needs=STEP)
test_layout = laws.layout(cases(), CALLS, points=5, needs=STEP)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=STEP)
test_middle_sizes = laws.middle_sizes(cases.sized, CALLS, points=5, needs=STEP)
test_speed = laws.speed(points=10)
