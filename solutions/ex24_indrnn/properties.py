"""Exercise 24, independent recurrent units: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from torch import Tensor

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import cases_of


class Case(NamedTuple):
    x: Tensor
    h0: Tensor
    w_ih: Tensor
    u: Tensor
    b: Tensor


cases = cases_of(Case, lambda t, n, d, h: [(t, n, d), (n, h), (h, d), (h,), (h,)])
FORWARD = {"indrnn_forward": tuple}
STEP = {"indrnn_step": lambda case: (case.x[0], *case[1:])}
CALLS = STEP | FORWARD
BOTH = ("test_step", "test_forward")


def sums(case):
    """What goes into the relu at each step, in float64: (T, N, H)."""
    x, h, w_ih, u, b = (tensor.double() for tensor in case)
    steps = []
    for step in x:
        steps.append(step @ w_ih.mT + b + u * h)
        h = steps[-1].clamp(min=0)
    return torch.stack(steps)


def off_the_kink(case):
    """Whether no sum is 0, where a relu has no derivative and right answers differ in theirs."""
    return sums(case).abs().min() > 1e-6


def lively(dtype):
    """Cases with a state that is not all 0 and not huge, in the first step and in the last."""
    return cases(dtype=dtype).filter(lambda case: all(0.5 < s.max() < 1e3 for s in sums(case)))


def rnn_relu(case):
    """What torch's own network with relu gives where its recurrent matrix is diagonal."""
    x, h0, w_ih, u, b = case
    parameters = [w_ih, torch.diag(u), b, torch.zeros_like(b)]
    output, h_n = torch.rnn_relu(x, h0[None], parameters, True, 1, 0.0, False, False, False)
    return output, h_n[0]


test_step = laws.reference(
    cases(),
    STEP,
    points=15,
    title="A step is relu(w_ih x + u * h + b), with u * h element by element.",
)
test_forward = laws.reference(
    cases(),
    FORWARD,
    points=10,
    title="A sequence gives the state after every step, and the last one once more.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_step")
@given(cases())
def test_independent(student, case):
    """A unit reads only its own state: changing h[:, 0] changes h'[:, 0] alone."""
    h = case.h0.clone()
    h[:, 0] += 1
    others = student.indrnn_step(case.x[0], *case[1:])[:, 1:]
    agree(student.indrnn_step(case.x[0], h, *case[2:])[:, 1:], others, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*BOTH)
@given(cases())
@settings(max_examples=10)
def test_split(student, case):
    """Reading a sequence step by step, or in two parts, gives the same."""
    x, h, *parameters = case
    whole = student.indrnn_forward(*case)
    states = []
    for step in x:
        states.append(student.indrnn_step(step, states[-1] if states else h, *parameters))
    agree((torch.stack(states), states[-1]), whole, within=ROUNDING)
    if len(x) > 1:
        first, h = student.indrnn_forward(x[:1], h, *parameters)
        second, h = student.indrnn_forward(x[1:], h, *parameters)
        agree((torch.cat((first, second)), h), whole, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*BOTH)
@given(cases())
def test_bounded(student, case):
    """With every |u| at most 1, a difference in h0 never grows: the gradient cannot explode."""
    case = case._replace(u=case.u.clamp(-1, 1))
    one, _ = student.indrnn_forward(*case)
    other, _ = student.indrnn_forward(*case._replace(h0=case.h0 + 1))
    apart = torch.cat((torch.ones_like(one[:1]), (other - one).abs()))
    agree(apart[1:], torch.minimum(apart[1:], apart[:-1]), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*BOTH)
@given(cases())
def test_past(student, case):
    """With u = 0 the past is forgotten at once, and no state depends on a later input."""
    forgetful = case._replace(u=torch.zeros_like(case.u))
    alone = torch.relu(case.x @ case.w_ih.mT + case.b)
    agree(student.indrnn_forward(*forgetful), (alone, alone[-1]), within=ROUNDING)
    x = case.x.clone()
    x[-1] += 1
    earlier, _ = student.indrnn_forward(*case)
    agree(student.indrnn_forward(x, *case[1:])[0][:-1], earlier[:-1], within=ROUNDING)


test_builtin = laws.builtin(
    cases(),
    FORWARD,
    {"indrnn_forward": rnn_relu},
    points=5,
    needs=BOTH,
    title="It matches torch's own RNN with a relu and a diagonal recurrent matrix.",
)
test_large = laws.magnitudes(cases(), CALLS, points=5, needs=BOTH)
test_batch = laws.batch(
    cases(),
    CALLS,
    batched={"x": 1, "h0": 0},
    results={"indrnn_forward": (1, 0)},
    points=5,
    needs=BOTH,
)
test_precision = laws.precision(lively, CALLS, points=5, needs=BOTH)
test_gradients = laws.gradients(cases().filter(off_the_kink), CALLS, points=10, needs=BOTH)
test_layout = laws.layout(cases(), CALLS, points=5, needs=BOTH)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=BOTH)


def bounded(draw, t, n, d, h):
    """The case of some sizes, with a state that does not grow, however long the sequence."""
    case = cases.sized(draw, t, n, d, h)
    return case._replace(u=case.u.clamp(-1, 1))


test_middle_sizes = laws.middle_sizes(bounded, CALLS, most={"t": 300}, points=5, needs=BOTH)
test_speed = laws.speed(points=10)
