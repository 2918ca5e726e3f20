"""Exercise 21, an LSTM with peepholes: what any right answer obeys."""

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
    p_i: Tensor
    p_f: Tensor
    p_o: Tensor


cases = cases_of(
    Case,
    lambda n, d, h: [(n, d), (n, h), (n, h), (4 * h, d), (4 * h, h), (4 * h,), (h,), (h,), (h,)],
)
CALLS = {"peephole_lstm_step": tuple}
STEP = ("test_step",)


def zeroed(case, *fields):
    """The case with zeros in `fields`, or in all parameters."""
    fields = fields or case._fields[3:]
    return case._replace(**{field: torch.zeros_like(getattr(case, field)) for field in fields})


def logistic(a):
    return (1 + torch.tanh(a / 2)) / 2


@pytest.mark.points(5)
@given(cases())
def test_half_open(student, case):
    """With all parameters zero, every gate is 1/2: c' = c / 2 and h' = tanh(c') / 2."""
    half = case.c / 2
    agree(student.peephole_lstm_step(*zeroed(case)), (torch.tanh(half) / 2, half))


@pytest.mark.points(5)
@pytest.mark.needs("test_half_open")
@given(cases())
def test_plain(student, case):
    """With peepholes of zero, the step matches torch's own LSTMCell."""
    case = zeroed(case, "p_i", "p_f", "p_o")
    plain = torch.lstm_cell(case.x, (case.h, case.c), case.w_ih, case.w_hh, case.b, 0 * case.b)
    agree(student.peephole_lstm_step(*case), plain, within=ROUNDING)


@pytest.mark.points(10)
@pytest.mark.needs("test_half_open")
@given(cases())
def test_old_cell(student, case):
    """The input gate and the forget gate see the old cell, before their sigmoid."""
    g = case.b[2 * case.c.shape[1] : 3 * case.c.shape[1]]
    blocks = torch.zeros_like(case.b).unflatten(0, (4, -1))
    blocks[2] = g  # the candidate alone has a bias; all else but two peepholes is zero
    case = zeroed(case, "w_ih", "w_hh", "p_o")._replace(b=blocks.flatten())
    _, c = student.peephole_lstm_step(*case)
    kept = logistic(case.p_f * case.c) * case.c
    agree(c, kept + logistic(case.p_i * case.c) * torch.tanh(g), within=ROUNDING)


@pytest.mark.points(10)
@pytest.mark.needs("test_half_open")
@given(cases())
def test_new_cell(student, case):
    """The output gate sees the new cell: with every parameter but p_o zero, it is c / 2."""
    half = case.c / 2
    seen = logistic(case.p_o * half) * torch.tanh(half)
    alone = zeroed(case)._replace(p_o=case.p_o)
    agree(student.peephole_lstm_step(*alone), (seen, half), within=ROUNDING)


test_step = laws.reference(
    cases(),
    CALLS,
    points=10,
    needs=["test_plain", "test_old_cell", "test_new_cell"],
    title="x, h, the bias and the cell drive the gates together.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_half_open")
@given(cases())
def test_own_unit(student, case):
    """A unit sees only its own cell: changing one cell leaves the other units alone."""
    cells = case.c.clone()
    cells[:, 0] += 1.5
    results = student.peephole_lstm_step(*case)
    others = student.peephole_lstm_step(*case._replace(c=cells))
    agree([t[:, 1:] for t in others], [t[:, 1:] for t in results], within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_step")
@given(cases())
def test_like_bias(student, case):
    """A peephole adds p * c to its gate's sum: a bias of -p * c cancels it."""
    # Without weights, and with one cell for all samples, each term is known beforehand.
    cells = 30 * case.c[:1].expand_as(case.c)
    case = zeroed(case, "w_ih", "w_hh")._replace(c=cells)
    h, c = torch.lstm_cell(case.x, (case.h, cells), case.w_ih, case.w_hh, case.b, 0 * case.b)
    terms = (case.p_i * cells[0], case.p_f * cells[0], 0 * cells[0], case.p_o * c[0])
    without = case._replace(b=case.b - torch.cat(terms))
    agree(student.peephole_lstm_step(*without), (h, c), within=ROUNDING)


test_saturated = laws.magnitudes(cases(), CALLS, points=5, needs=STEP)
test_batch = laws.batch(cases(), CALLS, batched=("x", "h", "c"), points=5, needs=STEP)
test_precision = laws.precision(cases, CALLS, points=5, needs=STEP)
test_gradients = laws.gradients(cases(), CALLS, points=10, needs=STEP)
test_layout = laws.layout(cases(), CALLS, points=5, needs=STEP)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=STEP)
test_middle_sizes = laws.middle_sizes(cases.sized, CALLS, points=5, needs=STEP)
test_speed = laws.speed(points=10)
