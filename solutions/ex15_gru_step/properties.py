"""Exercise 15, one step of a GRU: what any right answer obeys."""

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


cases = cases_of(Case, lambda n, d, h: [(n, d), (n, h), (3 * h, d), (3 * h, h), (3 * h,), (3 * h,)])
CALLS = {"gru_step": tuple}
STEP = ("test_step",)


def gated(case, *, r=0.0, z=0.0):
    """The case with biases that drive a gate: 500 opens it, -500 shuts it."""
    # One half in each bias, so that a gate obeys even where one of the two is forgotten.
    half = torch.tensor([r / 2, z / 2, 0.0], dtype=case.h.dtype)
    half = half.repeat_interleave(case.h.shape[1])
    return case._replace(b_ih=case.b_ih + half, b_hh=case.b_hh + half)


@pytest.mark.points(5)
@given(cases())
def test_halves(student, case):
    """With all parameters zero, the gates are 1/2 and the candidate is 0: h' = h / 2."""
    zeros = [torch.zeros_like(parameter) for parameter in case[2:]]
    agree(student.gru_step(case.x, case.h, *zeros), case.h / 2)


@pytest.mark.points(5)
@pytest.mark.needs("test_halves")
@given(cases())
def test_carried(student, case):
    """With the update gate at 1, the state keeps its value, step after step."""
    carrying = gated(case, z=500.0)
    h = student.gru_step(*carrying)
    agree(h, case.h, within=ROUNDING)
    agree(student.gru_step(*carrying._replace(x=-case.x, h=h)), case.h, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_carried")
@given(cases())
def test_forgotten(student, case):
    """With both gates at 0, nothing of the past is left, nor of b_hn: h' = tanh(w_in x + b_in)."""
    *_, w_in = case.w_ih.chunk(3)
    *_, b_in = case.b_ih.chunk(3)
    forgetting = gated(case, r=-500.0, z=-500.0)
    agree(student.gru_step(*forgetting), torch.tanh(case.x @ w_in.T + b_in), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_carried")
@given(cases())
def test_plain(student, case):
    """With r = 1 and z = 0, the step is that of exercise 12, with the third blocks."""
    candidate = [parameter.chunk(3)[2] for parameter in case[2:]]
    plain = gated(case, r=500.0, z=-500.0)
    right = torch.rnn_tanh_cell(case.x, case.h, *candidate)
    agree(student.gru_step(*plain), right, within=ROUNDING)


test_step = laws.reference(
    cases(),
    CALLS,
    points=10,
    needs=["test_halves"],
    title=(
        "z mixes the old state and the candidate; r scales what the candidate takes from "
        "the old state."
    ),
)
test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"gru_step": lambda case: torch.gru_cell(*case)},
    points=5,
    needs=STEP,
    title="The step matches torch's own GRUCell.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_step")
@given(cases())
def test_between(student, case):
    """The new state lies between the old one and the candidate."""
    h, n = student.gru_step(*case), student.gru_step(*gated(case, z=-500.0))
    between = h.clamp(torch.minimum(case.h, n), torch.maximum(case.h, n))
    agree(h, between, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_step")
@given(cases(), SEEDS)
def test_numbering(student, case, seed):
    """Renumbering the inputs and the hidden units only reorders the result."""
    d, hidden = case.x.shape[1], case.h.shape[1]
    generator = torch.Generator().manual_seed(seed)
    inputs, units = (torch.randperm(size, generator=generator) for size in (d, hidden))
    rows = torch.cat([units + block * hidden for block in range(3)])
    renumbered = Case(
        case.x[:, inputs],
        case.h[:, units],
        case.w_ih[rows][:, inputs],
        case.w_hh[rows][:, units],
        case.b_ih[rows],
        case.b_hh[rows],
    )
    h = student.gru_step(*case)
    agree(student.gru_step(*renumbered), h[:, units], within=ROUNDING)


test_saturated = laws.magnitudes(cases(), CALLS, points=5, needs=STEP)
test_batch = laws.batch(cases(), CALLS, batched=("x", "h"), points=5, needs=STEP)
test_precision = laws.precision(cases, CALLS, points=10, needs=STEP)
test_gradients = laws.gradients(cases(), CALLS, points=10, needs=STEP)
test_layout = laws.layout(cases(), CALLS, points=5, needs=STEP)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=STEP)
test_middle_sizes = laws.middle_sizes(cases.sized, CALLS, points=5, needs=STEP)
test_speed = laws.speed(points=10)
