"""Exercise 18, a deep GRU: what any right answer obeys."""

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


class Case(NamedTuple):
    x: Tensor
    h0: Tensor
    layers: list[tuple[Tensor, Tensor, Tensor, Tensor]]


@st.composite
def cases(draw, dtype=torch.float64, scale=1.0, least=1, most=3, square=False, steps=None):
    """Cases with `least` to `most` layers and, if given, so many steps.

    With `square`, inputs and states have one size: a layer then fits anywhere in the stack, and
    what a wrong stack gives can be compared.
    """
    n, t, d, h = draw(sizes(4))
    d, t = h if square else d, steps or t
    depth = draw(st.integers(least, most))
    x, h0 = (draw(tensors(shape, dtype, scale)) for shape in ((t, n, d), (depth, n, h)))
    shapes = [
        [(3 * h, h if layer else d), (3 * h, h), (3 * h,), (3 * h,)] for layer in range(depth)
    ]
    layers = [tuple(draw(tensors(shape, dtype, scale)) for shape in each) for each in shapes]
    return Case(x, h0, layers)


CALLS = {"deep_gru": tuple}
STACK = ("test_stack",)


@pytest.mark.points(5)
@settings(max_examples=8)
@given(cases(square=True))
def test_halved(student, case):
    """With all parameters zero, every layer halves its state at every step."""
    halves = 0.5 ** torch.arange(1, len(case.x) + 1, dtype=case.x.dtype)
    output = halves[:, None, None] * case.h0[-1]
    zeros = mapped(torch.zeros_like, case.layers)
    agree(student.deep_gru(case.x, case.h0, zeros), (output, halves[-1] * case.h0))


test_one_layer = laws.reference(
    cases(most=1),
    CALLS,
    points=10,
    needs=["test_halved"],
    title="One layer is a GRU that reads the sequence step by step.",
)
test_stack = laws.reference(
    cases(least=2, square=True),
    CALLS,
    points=10,
    needs=["test_one_layer"],
    title="Each layer reads the states of the layer below and starts from its own h0.",
)


@pytest.mark.points(5)
@pytest.mark.needs(*STACK)
@settings(max_examples=6)
@given(cases(least=2))
def test_cut_stack(student, reference, case):
    """Cut into a lower and an upper stack, the network gives the same, however deep it is."""
    x, h0, layers = case
    for times in (0, 22):  # deeper than anybody draws: all layers but the first, on top once more
        h0, layers = torch.cat((h0, h0[1:].repeat(times, 1, 1))), layers + layers[1:] * times
        cut = len(layers) // 2
        middle, lower = student.deep_gru(x, h0[:cut], layers[:cut])
        output, upper = student.deep_gru(middle, h0[cut:], layers[cut:])
        parts = output, torch.cat((lower, upper))
        agree(student.deep_gru(x, h0, layers), parts, within=ROUNDING)
    right = reference.deep_gru.gradients(x, h0, layers, seed=0)
    agree(student.deep_gru.gradients(x, h0, layers, seed=0), right)


@pytest.mark.points(5)
@pytest.mark.needs(*STACK)
@settings(max_examples=6)
@given(cases().filter(lambda case: len(case.x) > 1), st.data())
def test_cut_sequence(student, case, data):
    """Reading a sequence in two parts, with h_n handed on, gives the same."""
    cut = data.draw(st.integers(1, len(case.x) - 1), label="cut")
    first, h = student.deep_gru(case.x[:cut], case.h0, case.layers)
    second, h_n = student.deep_gru(case.x[cut:], h, case.layers)
    agree(student.deep_gru(*case), (torch.cat((first, second)), h_n), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*STACK)
@settings(max_examples=6)
@given(cases())
def test_causal(student, case):
    """Later inputs do not change earlier outputs at all."""
    output, _ = student.deep_gru(*case)
    for t in range(1, len(case.x)):
        other = torch.cat((case.x[:t], 3 - case.x[t:]))
        later, _ = student.deep_gru(other, case.h0, case.layers)
        agree(later[:t], output[:t], within=0)


@pytest.mark.points(5)
@pytest.mark.needs(*STACK)
@settings(max_examples=5)
@given(cases(least=11, most=12))
def test_carried(student, case):
    """With every update gate at 1, each layer keeps its h0, however long it reads."""
    hidden = case.h0.shape[-1]
    bias = torch.tensor([0.0, 500.0, 0.0], dtype=case.x.dtype).repeat_interleave(hidden)
    layers = [(w_ih, w_hh, bias, b_hh) for w_ih, w_hh, _, b_hh in case.layers]
    x = case.x.repeat(10, 1, 1)
    carried = case.h0[-1].expand(len(x), -1, -1)
    agree(student.deep_gru(x, case.h0, layers), (carried, case.h0), within=ROUNDING)


test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"deep_gru": lambda case: stacked_gru(*case)},
    points=5,
    needs=STACK,
    title="The result matches torch's own GRU with as many layers.",
)


def stacked_gru(x, h0, layers):
    flat = [parameter for layer in layers for parameter in layer]
    return torch.gru(x, h0, flat, True, len(layers), 0.0, False, False, False)


test_large = laws.magnitudes(cases(), CALLS, points=5, needs=STACK)
test_batch = laws.batch(
    cases(),
    CALLS,
    batched={"x": 1, "h0": 1},
    results={"deep_gru": (1, 1)},
    points=5,
    needs=STACK,
)
test_precision = laws.precision(cases, CALLS, points=5, needs=STACK)
# A gradient that is cut off somewhere shows in long sequences only.
test_gradients = laws.gradients(cases() | cases(steps=9), CALLS, points=10, needs=STACK)
test_layout = laws.layout(cases(), CALLS, points=5, needs=STACK)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=STACK)


def large_stacks(draw, t, n, d, h, depth):
    layers = [
        (
            draw.tensor(3 * h, h if layer else d),
            draw.tensor(3 * h, h),
            draw.tensor(3 * h),
            draw.tensor(3 * h),
        )
        for layer in range(depth)
    ]
    return Case(draw.tensor(t, n, d), draw.tensor(depth, n, h), layers)


test_middle_sizes = laws.middle_sizes(
    large_stacks, CALLS, most={"t": 24, "depth": 4}, long="t", points=5, needs=STACK
)
test_speed = laws.speed(points=10)
