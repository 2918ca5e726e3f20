"""Exercise 43, a deep GRU in both directions: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import sizes, tensors
from grader.wire import mapped

Direction = tuple[Tensor, Tensor, Tensor, Tensor]


class Case(NamedTuple):
    x: Tensor
    h0: Tensor
    layers: list[tuple[Direction, Direction]]


def shapes(d, h):
    """The shapes of one direction's parameters."""
    return (3 * h, d), (3 * h, h), (3 * h,), (3 * h,)


@st.composite
def cases(draw, dtype=torch.float64, scale=1.0, least=1, most=3, square=False, steps=None):
    """Cases with `least` to `most` layers and, if given, so many steps.

    With `square`, the inputs are as wide as a layer's output: a layer then fits anywhere in the
    stack, and what a wrong stack gives can be compared.
    """
    n, t, d, h = draw(sizes(4))
    d, t = 2 * h if square else d, steps or t
    depth = draw(st.integers(least, most))

    def direction(width):
        return tuple(draw(tensors(shape, dtype, scale)) for shape in shapes(width, h))

    x, h0 = (draw(tensors(shape, dtype, scale)) for shape in ((t, n, d), (2 * depth, n, h)))
    widths = [d, *[2 * h] * (depth - 1)]
    return Case(x, h0, [(direction(width), direction(width)) for width in widths])


CALLS = {"deep_bidirectional_gru": tuple}
STACK = ("test_stack",)


def halved(case):
    """With all parameters zero: those arguments, and the right result."""
    halves = 0.5 ** torch.arange(1, len(case.x) + 1, dtype=case.x.dtype)[:, None, None]
    output = torch.cat((halves * case.h0[-2], halves.flip(0) * case.h0[-1]), dim=-1)
    zeros = mapped(torch.zeros_like, case.layers)
    return (case.x, case.h0, zeros), (output, halves[-1] * case.h0)


@pytest.mark.points(5)
@settings(max_examples=8)
@given(cases(most=1))
def test_halved(student, case):
    """With one layer and all parameters zero, each direction halves its state at every step."""
    arguments, right = halved(case)
    agree(student.deep_bidirectional_gru(*arguments), right)


test_one_layer = laws.reference(
    cases(most=1),
    CALLS,
    points=10,
    needs=["test_halved"],
    title="One layer is a GRU from the first step on, beside another from the last step on.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_one_layer")
@settings(max_examples=8)
@given(cases(least=2, square=True))
def test_states(student, case):
    """With all parameters zero, every layer and direction halves the state that it has in h0."""
    arguments, right = halved(case)
    agree(student.deep_bidirectional_gru(*arguments), right)


test_stack = laws.reference(
    cases(least=2, square=True),
    CALLS,
    points=10,
    needs=["test_states"],
    title="Both directions of a layer read both of the layer below, and start from their own h0.",
)


@pytest.mark.points(5)
@pytest.mark.needs(*STACK)
@settings(max_examples=8)
@given(cases())
def test_ends(student, case):
    """The topmost layer ends at the last step of the output forward, and at the first backward."""
    output, h_n = student.deep_bidirectional_gru(*case)
    ahead, back = output.chunk(2, dim=-1)
    agree(h_n[-2:], torch.stack((ahead[-1], back[0])), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*STACK)
@settings(max_examples=6)
@given(cases(least=2, most=12))
def test_cut_stack(student, case):
    """Cut into a lower and an upper stack, the network gives the same."""
    x, h0, layers = case
    cut = len(layers) // 2
    middle, lower = student.deep_bidirectional_gru(x, h0[: 2 * cut], layers[:cut])
    output, upper = student.deep_bidirectional_gru(middle, h0[2 * cut :], layers[cut:])
    right = output, torch.cat((lower, upper))
    agree(student.deep_bidirectional_gru(*case), right, within=ROUNDING)


def crossed(parameters, width):
    """The same parameters, for inputs whose two halves have changed places."""
    w_ih, *rest = parameters
    return torch.cat((w_ih[:, width:], w_ih[:, :width]), dim=-1), *rest


@pytest.mark.points(5)
@pytest.mark.needs(*STACK)
@settings(max_examples=8)
@given(cases())
def test_turned(student, case):
    """Turning time round, and exchanging the directions everywhere, turns the output round."""
    x, h0, layers = case
    hidden = h0.shape[-1]
    turned = [(backward, forward) for forward, backward in layers]
    turned[1:] = [tuple(crossed(each, hidden) for each in pair) for pair in turned[1:]]
    order = [row for k in range(len(layers)) for row in (2 * k + 1, 2 * k)]
    output, h_n = student.deep_bidirectional_gru(*case)
    ahead, back = output.chunk(2, dim=-1)
    result = student.deep_bidirectional_gru(x.flip(0), h0[order], turned)
    agree(result, (torch.cat((back, ahead), dim=-1).flip(0), h_n[order]), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*STACK)
@settings(max_examples=4)
@given(cases(least=11, most=12))
def test_carried(student, case):
    """With every update gate at 1, each direction keeps its own h0, however long it reads."""
    hidden = case.h0.shape[-1]
    bias = torch.tensor([0.0, 500.0, 0.0], dtype=case.x.dtype).repeat_interleave(hidden)
    layers = [
        tuple((w_ih, w_hh, bias, b_hh) for w_ih, w_hh, _, b_hh in pair) for pair in case.layers
    ]
    x = case.x.repeat(10, 1, 1)
    carried = torch.cat(tuple(case.h0[-2:]), dim=-1).expand(len(x), -1, -1)
    result = student.deep_bidirectional_gru(x, case.h0, layers)
    agree(result, (carried, case.h0), within=ROUNDING)


test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"deep_bidirectional_gru": lambda case: both_ways(*case)},
    points=5,
    needs=STACK,
    title="The result matches torch's own GRU with as many layers and bidirectional=True.",
)


def both_ways(x, h0, layers):
    flat = [parameter for pair in layers for direction in pair for parameter in direction]
    return torch.gru(x, h0, flat, True, len(layers), 0.0, False, True, False)


test_large = laws.magnitudes(cases(), CALLS, points=5, needs=STACK)
test_batch = laws.batch(
    cases(),
    CALLS,
    batched={"x": 1, "h0": 1},
    results={"deep_bidirectional_gru": (1, 1)},
    points=5,
    needs=STACK,
)
test_precision = laws.precision(cases, CALLS, points=5, needs=STACK)
# A gradient that is cut off somewhere shows in long sequences only.
test_gradients = laws.gradients(cases() | cases(steps=9), CALLS, points=8, needs=STACK)
test_layout = laws.layout(cases(), CALLS, points=5, needs=STACK)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=STACK)


def large_stacks(draw, t, n, d, h, depth):
    widths = [d, *[2 * h] * (depth - 1)]
    layers = [
        tuple(tuple(draw.tensor(*shape) for shape in shapes(width, h)) for _ in range(2))
        for width in widths
    ]
    return Case(draw.tensor(t, n, d), draw.tensor(2 * depth, n, h), layers)


test_middle_sizes = laws.middle_sizes(
    large_stacks, CALLS, most={"t": 24, "depth": 14}, long="t", points=5, needs=STACK
)
test_speed = laws.speed(points=7)
