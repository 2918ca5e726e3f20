"""Exercise 13, a recurrent network through time: what any right answer obeys."""

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
    h0: Tensor
    w_ih: Tensor
    w_hh: Tensor
    b_ih: Tensor
    b_hh: Tensor


def shapes(t, n, d, h):
    return [(t, n, d), (n, h), (h, d), (h, h), (h,), (h,)]


cases = cases_of(Case, shapes)
# Two steps or more, so that there is a place to cut.
longer = cases_of(Case, lambda t, n, d, h: shapes(t + 1, n, d, h))
CALLS = {"rnn_forward": tuple}
FORWARD = ("test_forward",)


def torch_rnn(x, h0, *parameters):
    output, h_n = torch.rnn_tanh(x, h0[None], parameters, True, 1, 0.0, False, False, False)
    return output, h_n[0]


@pytest.mark.points(5)
@given(cases())
def test_one_step(student, case):
    """A sequence of length 1 takes one step from h0; the new state is output[0], and h_n too."""
    x, h0, w_ih, w_hh, b_ih, b_hh = case
    h = torch.tanh(x[0] @ w_ih.T + b_ih + h0 @ w_hh.T + b_hh)
    agree(student.rnn_forward(x[:1], *case[1:]), (h[None], h))


@pytest.mark.points(5)
@pytest.mark.needs("test_one_step")
@given(cases())
def test_last(student, case):
    """h_n is the last of the states in the output."""
    output, h_n = student.rnn_forward(*case)
    agree(h_n, output[-1], within=ROUNDING)


test_forward = laws.reference(
    cases(),
    CALLS,
    points=15,
    needs=["test_one_step"],
    title="Each step starts from the state of the step before.",
)
test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"rnn_forward": lambda case: torch_rnn(*case)},
    points=5,
    needs=FORWARD,
    title="The states match torch's own RNN.",
)


@pytest.mark.points(10)
@pytest.mark.needs("test_forward")
@given(longer(), SEEDS)
def test_split(student, case, seed):
    """Reading a sequence in two parts, with h_n handed on, gives the same."""
    cut = 1 + seed % (len(case.x) - 1)
    first, between = student.rnn_forward(*case._replace(x=case.x[:cut]))
    second, last = student.rnn_forward(*case._replace(x=case.x[cut:], h0=between))
    agree((torch.cat([first, second]), last), student.rnn_forward(*case), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_forward")
@given(longer(), SEEDS)
def test_causal(student, case, seed):
    """A later input, even nan, does not change earlier states."""
    cut = 1 + seed % (len(case.x) - 1)
    x = case.x.clone()
    x[cut:] = float("nan")
    output, _ = student.rnn_forward(*case._replace(x=x))
    before, _ = student.rnn_forward(*case)
    agree(output[:cut], before[:cut], within=ROUNDING)


test_saturated = laws.magnitudes(
    cases(),
    CALLS,
    # Not w_hh: each step would multiply the rounding of the one before by thousands.
    fields=("x", "h0", "w_ih", "b_ih", "b_hh"),
    points=5,
    needs=FORWARD,
    title="Values in the thousands in x, h0, w_ih or a bias give no overflow and no nan.",
)
test_batch = laws.batch(
    cases(),
    CALLS,
    batched={"x": 1, "h0": 0},
    results={"rnn_forward": (1, 0)},
    points=5,
    needs=FORWARD,
)
test_precision = laws.precision(cases, CALLS, points=10, needs=FORWARD)
test_gradients = laws.gradients(cases(), CALLS, points=10, needs=FORWARD)
test_layout = laws.layout(cases(), CALLS, points=5, needs=FORWARD)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=FORWARD)
test_middle_sizes = laws.middle_sizes(cases.sized, CALLS, most={"t": 600}, points=5, needs=FORWARD)
test_speed = laws.speed(points=10)
