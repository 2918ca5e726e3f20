"""Exercise 23, JANET: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from torch import Tensor

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import SEEDS, cases_of


class Case(NamedTuple):
    x: Tensor
    c: Tensor
    w_ih: Tensor
    w_hh: Tensor
    b: Tensor


cases = cases_of(Case, lambda n, d, h: [(n, d), (n, h), (2 * h, d), (2 * h, h), (2 * h,)])
CALLS = {"janet_step": tuple}
STEP = ("test_step",)


def with_gate(case, s):
    """The case with a bias that drives the gate to 1 or 0, whatever the input."""
    gate, candidate = case.b.chunk(2)
    return case._replace(b=torch.cat((torch.full_like(gate, s), candidate)))


def lstm_cell(case, beta):
    """What torch's LSTM cell makes of it: i = 1 - sigmoid(s - beta), and the cell for a state."""
    x, c, *parameters = case
    w_ih, w_hh, b = (
        torch.cat((-s, s, g, torch.zeros_like(s)))
        for s, g in (parameter.chunk(2) for parameter in parameters)
    )
    b[: c.shape[1]] += beta
    return torch.lstm_cell(x, (c, c), w_ih, w_hh, b, torch.zeros_like(b))[1]


@pytest.mark.points(5)
@given(cases())
@settings(max_examples=12)
def test_carried(student, case):
    """Where s is very large, the cell keeps its value, step after step."""
    case = carried = with_gate(case, 500.0)
    for _ in range(3):
        carried = carried._replace(c=student.janet_step(*carried))
        agree(carried.c, case.c, within=ROUNDING)


@pytest.mark.points(5)
@given(cases())
def test_replaced(student, case):
    """Where s is very small, the cell is forgotten: c' is the candidate, tanh(g)."""
    state, weights = torch.cat((case.x, case.c), 1), torch.cat((case.w_ih, case.w_hh), 1)
    _, g = (state @ weights.mT + case.b).chunk(2, dim=1)
    agree(student.janet_step(*with_gate(case, -500.0)), torch.tanh(g), within=ROUNDING)


test_step = laws.reference(
    cases(),
    CALLS,
    points=10,
    title="By default beta is 1: c' = sigmoid(s) * c + (1 - sigmoid(s - 1)) * tanh(g).",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_step")
@given(cases())
@settings(max_examples=10)
def test_beta(student, reference, case):
    """beta can be given by name or by position, even so large that exp(beta) overflows."""
    for beta in (0.0, 0.3, 7.3, -1.4, 1000.0, -1000.0):
        right = reference.janet_step(*case, beta)
        agree(student.janet_step(*case, beta=beta), right)
        agree(student.janet_step(*case, beta), right)


@pytest.mark.points(5)
@pytest.mark.needs("test_beta")
@given(cases())
@settings(max_examples=6)
def test_both_large(student, reference, case):
    """Where s and beta are both large, their difference counts, and gradients stay finite."""
    for s in (800.0, -800.0, 1e5):
        for beta in (s, s - 1.3, s + 0.4, -s):
            far = with_gate(case, s)
            agree(student.janet_step(*far, beta), reference.janet_step(*far, beta))
            agree(
                student.janet_step.gradients(*far, beta, seed=0),
                reference.janet_step.gradients(*far, beta, seed=0),
            )


@pytest.mark.points(5)
@pytest.mark.needs("test_step")
@given(cases())
def test_coupled(student, case):
    """With beta = 0 as much is added as is forgotten: c' lies between c and the candidate."""
    candidate = student.janet_step(*with_gate(case, -500.0), 0.0)
    low, high = torch.minimum(case.c, candidate), torch.maximum(case.c, candidate)
    c = student.janet_step(*case, 0.0)
    agree(c, c.clamp(low, high), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_step")
@given(cases())
@settings(max_examples=12)
def test_larger_beta(student, case):
    """The larger beta is, the more of the candidate is added, up to all of it."""
    candidate = student.janet_step(*with_gate(case, -500.0))
    small, large, huge = (student.janet_step(*case, beta) for beta in (0.5, 3.0, 1000.0))
    for more, less in ((large, small), (huge, large)):
        added = (more - less) * candidate.sign()
        agree(added, added.clamp(min=0), within=ROUNDING)
    nothing = student.janet_step(*case, -1000.0)
    agree(huge - nothing, candidate, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_step")
@given(cases())
@settings(max_examples=12)
def test_nothing_to_add(student, case):
    """Where the candidate is 0, beta makes no difference: it never touches what is kept."""
    x, c, *parameters = case
    still = [torch.cat((s, torch.zeros_like(g))) for s, g in (p.chunk(2) for p in parameters)]
    kept = student.janet_step(x, c, *still)
    for beta in (0.0, 4.0):
        agree(student.janet_step(x, c, *still, beta=beta), kept, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_step")
@given(cases())
@settings(max_examples=10)
def test_builtin(student, case):
    """It matches torch's own LSTMCell with sigmoid(beta - s) as input gate, the cell fed back."""
    for beta in (0.0, 1.0, 3.0):
        agree(student.janet_step(*case, beta), lstm_cell(case, beta), within=ROUNDING)


test_saturated = laws.magnitudes(cases(), CALLS, points=5, needs=STEP)
test_batch = laws.batch(cases(), CALLS, batched=("x", "c"), points=5, needs=STEP)
test_precision = laws.precision(cases, CALLS, points=5, needs=STEP)


@pytest.mark.points(10)
@pytest.mark.needs("test_step")
@given(cases(), SEEDS)
@settings(max_examples=10)
def test_gradients(student, reference, case, seed):
    """Gradients reach every argument and are right, whatever beta is."""
    for beta in (1.0, -2.0):
        agree(
            student.janet_step.gradients(*case, beta, seed=seed),
            reference.janet_step.gradients(*case, beta, seed=seed),
        )


test_layout = laws.layout(cases(), CALLS, points=5, needs=STEP)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=STEP)
test_middle_sizes = laws.middle_sizes(cases.sized, CALLS, points=5, needs=STEP)
test_speed = laws.speed(points=10)
