"""Exercise 19, both directions of time: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import sizes, tensors

Parameters = tuple[Tensor, Tensor, Tensor, Tensor]


class Case(NamedTuple):
    x: Tensor
    h0: Tensor
    forward: Parameters
    backward: Parameters


@st.composite
def cases(draw, dtype=torch.float64, scale=1.0, steps=None):
    """Cases with, if given, so many steps."""
    n, t, d, h = draw(sizes(4))
    t = steps or t
    x, h0 = (draw(tensors(shape, dtype, scale)) for shape in ((t, n, d), (2, n, h)))
    shapes = (h, d), (h, h), (h,), (h,)
    forward, backward = (
        tuple(draw(tensors(shape, dtype, scale)) for shape in shapes) for _ in range(2)
    )
    return Case(x, h0, forward, backward)


CALLS = {"bidirectional_rnn": tuple}
BOTH = ("test_both",)


def zeros(parameters):
    return tuple(torch.zeros_like(parameter) for parameter in parameters)


def halves(output):
    """The forward and the backward features of an output."""
    return output.chunk(2, dim=-1)


@pytest.mark.points(10)
@given(cases())
def test_forward_alone(student, case):
    """With zeros in the backward parameters, the first half of the output is a plain RNN."""
    states = [case.h0[0]]
    w_ih, w_hh, b_ih, b_hh = case.forward
    for x in case.x:
        states.append(torch.tanh(x @ w_ih.T + b_ih + states[-1] @ w_hh.T + b_hh))
    ahead = torch.stack(states[1:])
    back = torch.zeros_like(ahead)
    result = student.bidirectional_rnn(*case._replace(backward=zeros(case.backward)))
    right = torch.cat((ahead, back), dim=-1), torch.stack((ahead[-1], back[0]))
    agree(result, right, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_forward_alone")
@given(cases())
def test_one_step(student, case):
    """In a sequence of length 1, each direction takes its step from its own part of h0."""
    x = case.x[:1]
    (f_ih, f_hh, f_b, f_c), (g_ih, g_hh, g_b, g_c) = case.forward, case.backward
    ahead = torch.tanh(x[0] @ f_ih.T + f_b + case.h0[0] @ f_hh.T + f_c)
    back = torch.tanh(x[0] @ g_ih.T + g_b + case.h0[1] @ g_hh.T + g_c)
    right = torch.cat((ahead, back), dim=-1)[None], torch.stack((ahead, back))
    agree(student.bidirectional_rnn(x, *case[1:]), right, within=ROUNDING)


test_both = laws.reference(
    cases(),
    CALLS,
    points=10,
    needs=["test_one_step"],
    title="One direction reads from the start, the other from the end; each output holds both.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_one_step")
@given(cases())
def test_ends(student, case):
    """The forward direction ends at the last step of the output, the backward one at the first."""
    output, h_n = student.bidirectional_rnn(*case)
    ahead, back = halves(output)
    agree(h_n, torch.stack((ahead[-1], back[0])), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*BOTH)
@given(cases())
def test_reversed(student, case):
    """Reversing the sequence and swapping the two directions reverses the output."""
    x, h0, forward, backward = case
    output, h_n = student.bidirectional_rnn(*case)
    ahead, back = halves(output)
    turned = student.bidirectional_rnn(x.flip(0), h0.flip(0), backward, forward)
    agree(turned, (torch.cat((back, ahead), dim=-1).flip(0), h_n.flip(0)), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*BOTH)
@settings(max_examples=10)
@given(cases())
def test_causal(student, case):
    """The forward half does not depend on later steps, nor the backward half on earlier ones."""
    ahead, back = halves(student.bidirectional_rnn(*case)[0])
    for t in range(1, len(case.x)):
        later = case._replace(x=torch.cat((case.x[:t], 3 - case.x[t:])))
        agree(halves(student.bidirectional_rnn(*later)[0])[0][:t], ahead[:t], within=0)
        earlier = case._replace(x=torch.cat((3 - case.x[:t], case.x[t:])))
        agree(halves(student.bidirectional_rnn(*earlier)[0])[1][t:], back[t:], within=0)


test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"bidirectional_rnn": lambda case: both_ways(*case)},
    points=5,
    needs=BOTH,
    title="The result matches torch's own RNN with bidirectional=True.",
)


def both_ways(x, h0, forward, backward):
    parameters = [*forward, *backward]
    return torch.rnn_tanh(x, h0, parameters, True, 1, 0.0, False, True, False)


test_large = laws.magnitudes(cases(), CALLS, points=5, needs=BOTH)
test_batch = laws.batch(
    cases(),
    CALLS,
    batched={"x": 1, "h0": 1},
    results={"bidirectional_rnn": (1, 1)},
    points=5,
    needs=BOTH,
)
test_precision = laws.precision(cases, CALLS, points=10, needs=BOTH)
# A gradient that is cut off somewhere shows in long sequences only.
test_gradients = laws.gradients(cases() | cases(steps=9), CALLS, points=10, needs=BOTH)
test_layout = laws.layout(cases(), CALLS, points=5, needs=BOTH)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=BOTH)


def large_cases(draw, t, n, d, h):
    shapes = (h, d), (h, h), (h,), (h,)
    forward, backward = (tuple(draw.tensor(*shape) for shape in shapes) for _ in range(2))
    return Case(draw.tensor(t, n, d), draw.tensor(2, n, h), forward, backward)


test_middle_sizes = laws.middle_sizes(large_cases, CALLS, most={"t": 150}, points=5, needs=BOTH)
test_speed = laws.speed(points=10)
