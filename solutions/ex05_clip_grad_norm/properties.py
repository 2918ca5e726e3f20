"""Exercise 5, clipping gradients by norm: what any right answer obeys."""

import math
from functools import partial
from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from grader.judge import handles, laws
from grader.judge.compare import agree
from grader.judge.strategies import LAYOUTS, tensors
from grader.wire import Stream

# No total of gradients in tenths is ever just at one of these; `test_epsilon` looks there.
TIGHT = (0.25, 0.75, 1.25)
LOOSE = (64.0, 100.0)
SHAPES = st.sampled_from(((2,), (1,), (3, 2), (2, 1, 3)))
LOWER = st.sampled_from((torch.float32, torch.bfloat16, torch.float16))
BASICS = ("test_total", "test_clipped", "test_small")


class Case(NamedTuple):
    parameters: list[Tensor]
    max_norm: float


def parameter(value: Tensor, grad: Tensor | None) -> Tensor:
    """A leaf with that value and `.grad`."""
    leaf = value.detach().clone().requires_grad_()
    leaf.grad = grad
    return leaf


@st.composite
def cases(draw, dtype=torch.float64, scale=1.0, max_norms=TIGHT):
    shapes = draw(st.lists(SHAPES, min_size=1, max_size=3))
    parameters = [
        parameter(draw(tensors(shape, dtype)), draw(tensors(shape, dtype, scale)))
        for shape in shapes
    ]
    return Case(parameters, draw(st.sampled_from(max_norms)))


def both_agree(student, reference, *args, **kwargs):
    """Hold what the call returns, and what it leaves behind, against the reference's."""
    agree(student.clip_grad_norm(*args, **kwargs), reference.clip_grad_norm(*args, **kwargs))
    right = reference.clip_grad_norm.changes(*args, **kwargs)
    agree(student.clip_grad_norm.changes(*args, **kwargs), right)


@pytest.mark.points(10)
@given(cases(max_norms=TIGHT + LOOSE))
def test_total(student, reference, case):
    """It returns the norm of all gradients together, as it was before clipping."""
    agree(student.clip_grad_norm(*case), reference.clip_grad_norm(*case))


@pytest.mark.points(10)
@given(cases())
def test_clipped(student, reference, case):
    """Every gradient is scaled in place by max_norm / (total + 1e-6); nothing else changes."""
    agree(student.clip_grad_norm.changes(*case), reference.clip_grad_norm.changes(*case))


@pytest.mark.points(5)
@pytest.mark.needs("test_total")
@given(st.integers(1, 5), st.sampled_from((0.001, 0.005, 0.0050005, 0.0)))
def test_epsilon(student, reference, times, max_norm):
    """The 1e-6 matters: for small gradients, and where max_norm is close to the total norm."""
    gradient = torch.tensor([0.003, 0.004], dtype=torch.float64) * times
    case = Case([parameter(torch.zeros_like(gradient), gradient)], max_norm * times)
    agree(student.clip_grad_norm.changes(*case), reference.clip_grad_norm.changes(*case))


@pytest.mark.points(5)
@given(cases(max_norms=LOOSE))
def test_small(student, reference, case):
    """Gradients whose total norm is below max_norm, infinity too, stay as they are."""
    for each in (case, case._replace(max_norm=math.inf)):
        agree(student.clip_grad_norm.changes(*each), reference.clip_grad_norm.changes(*each))


@pytest.mark.points(5)
@pytest.mark.needs(*BASICS)
@given(cases())
@settings(max_examples=10)
def test_norm_types(student, reference, case):
    """Norms other than the Euclidean work too: p = 1, 1.5, 3 and 12."""
    for p in (1.0, 1.5, 3.0, 12.0):
        both_agree(student, reference, *case, norm_type=p)


@pytest.mark.points(5)
@pytest.mark.needs(*BASICS)
@given(cases())
def test_infinite_norm(student, reference, case):
    """For norm_type = inf the total is the largest absolute value of all elements."""
    both_agree(student, reference, *case, norm_type=math.inf)


@pytest.mark.points(5)
@pytest.mark.needs(*BASICS)
@given(cases())
@settings(max_examples=10)
def test_iterables(student, reference, case):
    """A tuple, a generator (read only once) or a single tensor works as well as a list."""
    parameters, max_norm = tuple(case.parameters), case.max_norm
    for given_as in (parameters, Stream(parameters), parameters[0]):
        both_agree(student, reference, given_as, max_norm)


@pytest.mark.points(5)
@pytest.mark.needs(*BASICS)
@given(cases())
def test_missing(student, reference, case):
    """Parameters without a gradient are skipped, wherever they stand."""
    before, after = (parameter(torch.ones(2, dtype=torch.float64), None) for _ in range(2))
    both_agree(student, reference, [before, *case.parameters, after], case.max_norm)


@pytest.mark.points(5)
@pytest.mark.needs(*BASICS)
@given(cases(), st.sampled_from((0.0, 0.5)), st.permutations(range(4)))
@settings(max_examples=10)
def test_odd_parameters(student, reference, case, max_norm, order):
    """A parameter may be a single number, be empty, want no gradient and have one, or be computed;
    max_norm may be 0, where nothing is left."""
    tensor = partial(torch.tensor, dtype=torch.float64)
    odd = [
        parameter(tensor(0.3), tensor(-2.5)),
        parameter(torch.zeros(0, 2).double(), torch.zeros(0, 2).double()),
        parameter(tensor([1.0]), tensor([4.0])).requires_grad_(False),
        *case.parameters[:1],
    ]
    both_agree(student, reference, [odd[place] for place in order], max_norm)
    for mine, right in zip(training(student, case), training(reference, case), strict=True):
        agree(mine, right)


@pytest.mark.points(5)
@pytest.mark.needs(*BASICS)
@given(cases(), st.sampled_from((math.nan, math.inf)), st.integers(0, 2))
@settings(max_examples=8)
def test_not_finite(student, reference, case, number, place):
    """With a nan or an infinity among the gradients, that is the total; an infinite one makes the
    coefficient 0."""
    spoilt = parameter(torch.zeros(3).double(), torch.ones(3).double())
    spoilt.grad[place] = number
    arguments = [*case.parameters, spoilt], case.max_norm
    agree(student.clip_grad_norm(*arguments), torch.tensor(number, dtype=torch.float64))
    if number == math.inf:  # a coefficient of 0; what a nan leaves depends on how one compares
        right = reference.clip_grad_norm.changes(*arguments)
        agree(student.clip_grad_norm.changes(*arguments), right)


def training(owner, case):
    """Totals and gradients where one of two tensors was computed from the other, and keeps its
    gradient: after each of two backward passes, and clipping."""
    leaf = handles.given.torch.nn.Parameter(case.parameters[0].detach()).of(owner)
    computed = leaf.mul.held(2.0)
    computed.retain_grad()
    for _ in range(2):
        computed.backward(case.parameters[0].grad, retain_graph=True)
        yield owner.clip_grad_norm([leaf, computed], case.max_norm)
        yield leaf.grad
        yield computed.grad


@pytest.mark.points(5)
@pytest.mark.needs(*BASICS)
@given(st.integers(0, 2))
def test_nothing(student, count):
    """With no gradients, or no parameters at all, the total is 0."""
    parameters = [parameter(torch.ones(2), None) for _ in range(count)]
    agree(student.clip_grad_norm(parameters, 1.0), torch.tensor(0.0))


@pytest.mark.points(5)
@pytest.mark.needs(*BASICS)
@given(st.sampled_from((1.0, 1e-8, 1e8)).flatmap(lambda scale: cases(scale=scale)))
def test_builtin(student, case):
    """Tiny and huge gradients are clipped as torch's own clip_grad_norm_ clips them."""
    parameters, max_norm = case
    copies = [parameter(p, p.grad.clone()) for p in parameters]
    total = clip_grad_norm_(copies, max_norm)
    agree(student.clip_grad_norm(parameters, max_norm), total)
    clipped = [(p.detach(), p.grad) for p in copies]
    agree(student.clip_grad_norm.changes(parameters, max_norm), clipped)


@pytest.mark.points(5)
@pytest.mark.needs(*BASICS)
@given(cases())
def test_twice(student, reference, case):
    """Clipping twice gives the same as clipping once."""
    once = student.clip_grad_norm.changes(*case)
    agree(once, reference.clip_grad_norm.changes(*case))
    again = Case([parameter(*change) for change in once], case.max_norm)
    # The 1e-6 in the formula makes the second coefficient differ from 1 by no more than 1e-6 of
    # max_norm, and no element is larger than that.
    agree(student.clip_grad_norm.changes(*again), once, within=2e-6)


@pytest.mark.dtypes
@pytest.mark.points(5)
@pytest.mark.needs(*BASICS)
@given(LOWER.flatmap(lambda dtype: cases(dtype=dtype, max_norms=TIGHT + LOOSE)))
def test_precision(student, reference, case):
    """float32 and half precision keep their dtype, and are as exact as that dtype allows."""
    both_agree(student, reference, *case)


@pytest.mark.points(5)
@pytest.mark.needs(*BASICS)
@given(cases())
@settings(max_examples=5)
def test_layout(student, reference, case):
    """Non-contiguous gradients are clipped just the same."""
    for change in LAYOUTS.values():
        laid_out = [parameter(change(p), change(p.grad)) for p in case.parameters]
        both_agree(student, reference, laid_out, case.max_norm)


def many_elements(draw, count, rows, columns):
    shapes = [(rows, columns), (columns,), *[(rows,)] * (count - 2)]
    parameters = [parameter(draw.tensor(*shape), draw.tensor(*shape)) for shape in shapes]
    return Case(parameters, 0.75)


def hold_both(student, reference, case):
    both_agree(student, reference, *case)


test_middle_sizes = laws.middle_sizes(
    many_elements, hold_both, most={"count": 60}, points=5, needs=BASICS
)
test_speed = laws.speed(points=10)
