"""Exercise 25, clipping gradients by value: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.utils import clip_grad_value_

from grader.judge import handles, laws
from grader.judge.compare import ROUNDING, Changed, agree
from grader.judge.strategies import LAYOUTS, tensors
from grader.wire import Stream

# Gradients are tenths of the order of 1: some lie beyond these, some just on them, ...
TIGHT = (0.5, 0.7, 1, 1.1)
# ... and all lie within these.
LOOSE = (16, 100.0)
SHAPES = st.sampled_from(((2,), (1,), (3, 2), (2, 1, 3)))
LOWER = (torch.float32, torch.bfloat16, torch.float16)
INFINITY, NAN = float("inf"), float("nan")


class Case(NamedTuple):
    parameters: list[Tensor]
    clip_value: float


def parameter(value: Tensor, grad: Tensor | None) -> Tensor:
    """A leaf with that value and `.grad`."""
    leaf = value.detach().clone().requires_grad_()
    leaf.grad = grad
    return leaf


def with_gradients(parameters: list[Tensor], change) -> list[Tensor]:
    """The same parameters, with `change` of their gradients."""
    return [parameter(p, change(p.grad)) for p in parameters]


@st.composite
def cases(draw, dtype=torch.float64, scale=1.0, clip_values=TIGHT, shapes=SHAPES):
    shapes = draw(st.lists(shapes, min_size=1, max_size=3))
    parameters = [
        parameter(draw(tensors(shape, dtype)), draw(tensors(shape, dtype, scale)))
        for shape in shapes
    ]
    return Case(parameters, draw(st.sampled_from(clip_values)))


def same_changes(student, reference, *args, within=None):
    """Hold what the call leaves behind against what the reference's does."""
    right = reference.clip_grad_value.changes(*args)
    agree(student.clip_grad_value.changes(*args), right, within=within)


@pytest.mark.points(20)
@given(cases())
def test_clipped(student, reference, case):
    """Each element beyond a bound becomes that bound, in place; nothing else changes."""
    same_changes(student, reference, *case)


@pytest.mark.points(10)
@given(cases(clip_values=LOOSE))
def test_inside(student, reference, case):
    """Gradients within the bounds stay exactly as they are."""
    same_changes(student, reference, *case, within=0)


@pytest.mark.points(5)
@given(cases())
def test_returns(student, case):
    """It returns nothing."""
    agree(student.clip_grad_value(*case), None)


@pytest.mark.points(5)
@pytest.mark.needs("test_clipped")
@given(cases())
def test_missing(student, reference, case):
    """Parameters without a gradient are skipped, wherever they stand."""
    before, after = (parameter(torch.ones(2, dtype=torch.float64), None) for _ in range(2))
    same_changes(student, reference, [before, *case.parameters, after], case.clip_value)


@pytest.mark.points(5)
@pytest.mark.needs("test_clipped")
@given(st.integers(0, 2))
def test_nothing(student, reference, count):
    """With no gradients, or no parameters at all, nothing happens."""
    same_changes(student, reference, [parameter(torch.ones(2), None) for _ in range(count)], 1.0)


def training(owner, case):
    """Gradients where one of two tensors was computed from the other, and keeps its gradient: after
    each of two backward passes, and clipping."""
    leaf = handles.given.torch.nn.Parameter(case.parameters[0].detach()).of(owner)
    computed = leaf.mul.held(2.0)
    computed.retain_grad()
    for _ in range(2):
        computed.backward(case.parameters[0].grad, retain_graph=True)
        owner.clip_grad_value([leaf, computed], case.clip_value)
        yield leaf.grad
        yield computed.grad


@pytest.mark.points(5)
@pytest.mark.needs("test_clipped")
@given(cases(shapes=st.just(())))
@settings(max_examples=10)
def test_single_number(student, reference, case):
    """A parameter may be a scalar, be empty, require no gradient and have one, or be computed."""
    empty = parameter(torch.zeros(0, 2), torch.zeros(0, 2))
    frozen = parameter(torch.zeros(2), torch.tensor([3.0, -0.1])).requires_grad_(False)
    parameters = [empty, *case.parameters, frozen]
    same_changes(student, reference, parameters, case.clip_value)
    for mine, right in zip(training(student, case), training(reference, case), strict=True):
        agree(mine, right)


@pytest.mark.points(5)
@pytest.mark.needs("test_clipped")
@given(cases())
@settings(max_examples=10)
def test_iterables(student, reference, case):
    """A tuple, a generator (read only once) or a single tensor works as well as a list."""
    parameters = tuple(case.parameters)
    for given_as in (parameters, Stream(parameters), parameters[0]):
        same_changes(student, reference, given_as, case.clip_value)


@pytest.mark.points(5)
@pytest.mark.needs("test_clipped")
@given(cases())
def test_mirrored(student, case):
    """Flipping the signs of the gradients flips the signs of the result."""
    parameters, clip_value = case
    clipped = student.clip_grad_value.changes(parameters, clip_value)
    mirrored = with_gradients(parameters, torch.neg)
    opposite = Changed(clipped.names, [(value, -grad) for value, grad in clipped])
    agree(student.clip_grad_value.changes(mirrored, clip_value), opposite, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_clipped")
@given(cases())
def test_twice(student, case):
    """Clipping twice gives the same as clipping once."""
    once = student.clip_grad_value.changes(*case)
    again = [parameter(*change) for change in once]
    agree(student.clip_grad_value.changes(again, case.clip_value), once, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_clipped")
@given(st.permutations((0.25, -0.5, 3.0, INFINITY, -INFINITY, NAN)), st.sampled_from(TIGHT))
def test_extremes(student, reference, gradient, clip_value):
    """An infinite element becomes the bound on its side, and a nan stays nan."""
    gradient = torch.tensor(gradient, dtype=torch.float64)
    same_changes(student, reference, [parameter(torch.zeros(6).double(), gradient)], clip_value)


@pytest.mark.points(5)
@pytest.mark.needs("test_clipped")
@given(st.sampled_from((1.0, 1e-8, 1e8)), st.data())
def test_builtin(student, scale, data):
    """Tiny and huge gradients are clipped as torch's own clip_grad_value_ clips them."""
    parameters, clip_value = data.draw(cases(scale=scale))
    copies = with_gradients(parameters, torch.clone)
    clip_grad_value_(copies, clip_value * scale)
    clipped = [(p.detach(), p.grad) for p in copies]
    mine = student.clip_grad_value.changes(parameters, clip_value * scale)
    agree(mine, Changed(mine.names, clipped))


@pytest.mark.dtypes
@pytest.mark.points(5)
@pytest.mark.needs("test_clipped")
@given(cases(clip_values=(0.3, 1.1, 16)))
@settings(max_examples=8)
def test_precision(student, reference, case):
    """float32, half precision, or a mix: each keeps its dtype, and is as exact as that allows."""
    for dtype in LOWER:
        lowered = [parameter(p.to(dtype), p.grad.to(dtype)) for p in case.parameters]
        same_changes(student, reference, lowered, case.clip_value)
        same_changes(student, reference, [*lowered, *case.parameters], case.clip_value)


@pytest.mark.points(5)
@pytest.mark.needs("test_clipped")
@given(cases())
@settings(max_examples=5)
def test_layout(student, reference, case):
    """Non-contiguous gradients are clipped just the same."""
    for change in LAYOUTS.values():
        laid_out = [parameter(change(p.detach()), change(p.grad)) for p in case.parameters]
        same_changes(student, reference, laid_out, case.clip_value)


def many_elements(draw, count, rows, columns):
    """Gradients of the order of 1, of which many lie beyond the bounds."""
    shapes = [(rows, columns), (columns, 1), *[(rows, 1)] * (count - 2)]
    parameters = [
        parameter(draw.tensor(*shape), draw.tensor(*shape) * shape[1] ** 0.5) for shape in shapes
    ]
    return Case(parameters, 0.7)


def hold_changes(student, reference, case):
    same_changes(student, reference, *case)


test_middle_sizes = laws.middle_sizes(
    many_elements, hold_changes, most={"count": 60}, points=5, needs=["test_clipped"]
)
test_speed = laws.speed(points=10)
