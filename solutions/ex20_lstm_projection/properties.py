"""Exercise 20, an LSTM with a projection: what any right answer obeys."""

import warnings
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
    b_ih: Tensor
    b_hh: Tensor
    w_hr: Tensor


def shapes(n, d, h, p):
    blocks = [(4 * h, d), (4 * h, p), (4 * h,), (4 * h,)]
    return [(n, d), (n, p), (n, h), *blocks, (p, h)]


cases = cases_of(Case, shapes)
square = cases_of(Case, lambda n, d, h: shapes(n, d, h, h))
# torch tells an LSTM with a projection by its sizes: the state is shorter than the cell.
shorter = cases_of(Case, lambda n, d, p, more: shapes(n, d, p + more, p))
CALLS = {"lstm_projection_step": tuple}
STEP = ("test_step",)


def lstm(case):
    """What nn.LSTM(proj_size=P) calls, for a sequence of one step."""
    x, h, c, *parameters = case
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # oneDNN has no projections, and says so
        state = h[None], c[None]
        _, h, c = torch._VF.lstm(x[None], state, parameters, True, 1, 0.0, False, False, False)
    return h[0], c[0]


@pytest.mark.points(10)
@given(cases())
def test_half_open(student, case):
    """With every parameter but w_hr zero, each gate is 1/2: h' = w_hr (tanh(c/2) / 2)."""
    zeros = [torch.zeros_like(parameter) for parameter in case[3:7]]
    half = case.c / 2
    h, c = student.lstm_projection_step(*case[:3], *zeros, case.w_hr)
    agree((h, c), ((torch.tanh(half) / 2) @ case.w_hr.T, half), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_half_open")
@given(cases())
def test_carried(student, case):
    """With the forget gate open and the input gate shut, the cell keeps its value."""
    hidden = case.c.shape[1]
    bias = torch.tensor([-500.0, 500.0, 0.0, 0.0], dtype=case.c.dtype).repeat_interleave(hidden)
    _, c = student.lstm_projection_step(*case._replace(b_ih=bias))
    agree(c, case.c, within=ROUNDING)


test_step = laws.reference(
    cases(),
    CALLS,
    points=15,
    needs=["test_half_open"],
    title="x and the projected h drive the gates; w_hr projects o * tanh(c').",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_half_open")
@given(square())
def test_identity(student, case):
    """With the identity for w_hr, the step matches torch's own LSTMCell."""
    x, h, c, *parameters, w_hr = case
    plain = torch.lstm_cell(x, (h, c), *parameters)
    projected = case._replace(w_hr=torch.eye(len(w_hr), dtype=w_hr.dtype))
    agree(student.lstm_projection_step(*projected), plain, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_step")
@given(cases())
def test_linear(student, case):
    """Twice the projection gives twice the hidden state; the cell does not depend on it."""
    h, c = student.lstm_projection_step(*case)
    doubled = student.lstm_projection_step(*case._replace(w_hr=2 * case.w_hr))
    agree(doubled, (2 * h, c), within=ROUNDING)


test_builtin = laws.builtin(
    shorter(),
    CALLS,
    {"lstm_projection_step": lstm},
    points=5,
    needs=STEP,
    title="The step matches torch's own LSTM with a proj_size.",
)
test_saturated = laws.magnitudes(cases(), CALLS, points=5, needs=STEP)
test_batch = laws.batch(cases(), CALLS, batched=("x", "h", "c"), points=5, needs=STEP)
test_precision = laws.precision(cases, CALLS, points=10, needs=STEP)
test_gradients = laws.gradients(cases(), CALLS, points=10, needs=STEP)
test_layout = laws.layout(cases(), CALLS, points=5, needs=STEP)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=STEP)
test_middle_sizes = laws.middle_sizes(cases.sized, CALLS, points=5, needs=STEP)
test_speed = laws.speed(points=10)
