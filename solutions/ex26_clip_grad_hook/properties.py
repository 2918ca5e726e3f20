"""Exercise 26, clipping gradients as they arrive: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from grader.judge import handles, laws
from grader.judge.compare import ROUNDING, Named, agree
from grader.judge.strategies import LAYOUTS, tensors
from grader.language import say
from grader.wire import Stream

INFINITY = float("inf")
# Gradients are tenths of the order of 1: some lie beyond these, some just on them, ...
TIGHT = ((-0.5, 0.7), (-1, 0.25), (-0.2, 1.1))
# ... all lie within these, ...
LOOSE = ((-16, 100.0), (-64.0, 32))
# ... and these are out of the common.
STRANGE = (
    (0.25, 0.75),
    (-1.1, -0.3),
    (0.5, 0.5),
    (0, 0.6),
    (-0.7, 0),
    (-INFINITY, 0.25),
    (-0.25, INFINITY),
)
SHAPES = st.sampled_from(((2,), (1,), (3, 2), (2, 1, 3)))
LOWER = (torch.float32, torch.bfloat16, torch.float16)


class Case(NamedTuple):
    parameters: list[Tensor]
    low: float
    high: float
    rounds: list[list[Tensor]]  # the gradients that each backward pass sends


@st.composite
def cases(draw, dtype=torch.float64, scale=1.0, bounds=TIGHT, shapes=SHAPES, passes=1):
    drawn = draw(st.lists(shapes, min_size=1, max_size=3))
    parameters = [draw(tensors(shape, dtype)).requires_grad_() for shape in drawn]
    rounds = [[draw(tensors(shape, dtype, scale)) for shape in drawn] for _ in range(passes)]
    return Case(parameters, *draw(st.sampled_from(bounds)), rounds)


def arriving(student, case):
    """What arrives in the parameters in each backward pass, and in one without the hooks."""
    parameters, low, high, rounds = case
    return student.register_clip_hooks.backwards(parameters, low, high, rounds=rounds)


def clipped(case):
    """What should arrive in each pass while the hooks are there."""
    return [[gradient.clamp(case.low, case.high) for gradient in sent] for sent in case.rounds]


def agree_by_name(arrived, right, *, what="{}", within=None):
    """Hold passes against what is right, each gradient called by its parameter's name."""

    def place(i, number, several):
        name = f"`parameters[{i}].grad`"
        return say("{name} after pass {number}", name=name, number=number) if several else name

    def named(passes):
        several = len(passes) > 1
        order = enumerate(passes, start=1)
        return Named(
            what,
            {
                place(i, number, several): gradient
                for number, gradients in order
                for i, gradient in enumerate(gradients)
            },
        )

    agree(named(arrived), named(right), within=within)


@pytest.mark.points(15)
@given(cases())
def test_clipped(student, case):
    """In a backward pass, elements below low arrive as low, and those above high as high."""
    agree_by_name(arriving(student, case)[:1], clipped(case))


@pytest.mark.points(15)
@pytest.mark.needs("test_clipped")
@given(cases())
def test_removed(student, case):
    """Once all handles are removed, gradients arrive as they are."""
    what = say("{} once the hooks are removed")
    agree_by_name(arriving(student, case)[1:], case.rounds, what=what, within=0)


@pytest.mark.points(5)
@pytest.mark.needs("test_clipped")
@given(cases(passes=3))
def test_every_pass(student, case):
    """Every backward pass is clipped, each with its own gradients, however many there are."""
    agree_by_name(arriving(student, case)[:-1], clipped(case))
    many = case._replace(rounds=case.rounds * 12)
    agree_by_name(arriving(student, many)[:-1], clipped(many))


@pytest.mark.points(5)
@pytest.mark.needs("test_every_pass", "test_removed")
@given(cases())
@settings(max_examples=8)
def test_calls_apart(student, case):
    """A call leaves the hooks of an earlier one where they are, with the bounds that they have."""
    gradient = case.rounds[0][0]
    earlier = handles.given.torch.nn.Parameter(torch.zeros_like(gradient)).of(student)
    student.register_clip_hooks.held([earlier], -0.1, 0.3)
    agree_by_name(arriving(student, case), [*clipped(case), *case.rounds])
    earlier.add.held(0.0).backward(gradient)
    what = say("the gradient of a tensor with hooks from an earlier call")
    agree(Named("{}", {what: earlier.grad}), Named("{}", {what: gradient.clamp(-0.1, 0.3)}))


@pytest.mark.points(5)
@given(cases(bounds=LOOSE))
def test_inside(student, case):
    """Gradients within the bounds arrive exactly as they are."""
    agree_by_name(arriving(student, case)[:1], case.rounds, within=0)


@pytest.mark.points(10)
@pytest.mark.needs("test_clipped")
@given(cases())
@settings(max_examples=6)
def test_bounds(student, case):
    """Both bounds may be positive or negative, equal or zero, and one of them infinite."""
    for low, high in STRANGE:
        strange = case._replace(low=low, high=high)
        agree_by_name(arriving(student, strange)[:1], clipped(strange))


@pytest.mark.points(5)
@pytest.mark.needs("test_clipped")
@given(cases())
def test_twice(student, case):
    """A gradient that was clipped already arrives unchanged."""
    once = arriving(student, case)[:1]
    agree_by_name(arriving(student, case._replace(rounds=once))[:1], once, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_clipped")
@given(cases())
def test_mirrored(student, case):
    """Flipping the signs of gradients and bounds flips the signs of what arrives."""
    opposite = [[-gradient for gradient in sent] for sent in arriving(student, case)[:1]]
    rounds = [[-gradient for gradient in sent] for sent in case.rounds]
    mirrored = Case(case.parameters, -case.high, -case.low, rounds)
    agree_by_name(arriving(student, mirrored)[:1], opposite, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_clipped", "test_removed")
@given(cases())
@settings(max_examples=10)
def test_iterables(student, case):
    """A tuple or a generator (read only once) works as well as a list."""
    right = [*clipped(case), *case.rounds]
    for given_as in (tuple(case.parameters), Stream(tuple(case.parameters))):
        agree_by_name(arriving(student, case._replace(parameters=given_as)), right)


@pytest.mark.points(5)
@pytest.mark.needs("test_clipped")
@given(cases(), st.sampled_from((-3.0, 2.0, 0.3)))
@settings(max_examples=8)
def test_shared(student, case, number):
    """A gradient that lies in memory which others use, as that of `p.sum()` does, is left alone;
    a parameter may be empty."""
    empty = torch.zeros(0, 2, dtype=torch.float64).requires_grad_()
    parameters = [*case.parameters, empty]
    sent = [torch.tensor(number, dtype=torch.float64).expand_as(p) for p in parameters]
    shared = case._replace(parameters=parameters, rounds=[sent])
    agree_by_name(arriving(student, shared)[:1], clipped(shared))


@pytest.mark.points(5)
@pytest.mark.needs("test_clipped")
@given(cases(shapes=st.just(())), st.permutations((0.2, INFINITY, -INFINITY, float("nan"), -2.0)))
def test_extremes(student, case, numbers):
    """A parameter may be a scalar; infinity becomes the bound, and nan stays nan."""
    rounds = [[torch.full_like(p.detach(), x) for p in case.parameters] for x in numbers]
    case = case._replace(rounds=rounds)
    agree_by_name(arriving(student, case)[:-1], clipped(case))


@pytest.mark.points(5)
@pytest.mark.needs("test_clipped")
@given(st.sampled_from((1.0, 1e-8, 1e8)), st.data())
def test_builtin(student, scale, data):
    """Tiny and huge gradients arrive as through torch's own register_hook and clamp."""
    case = data.draw(cases(scale=scale))
    case = case._replace(low=case.low * scale, high=case.high * scale)
    copies = [p.detach().clone().requires_grad_() for p in case.parameters]
    for copy in copies:
        copy.register_hook(lambda gradient: torch.clamp(gradient, case.low, case.high))
    pairs = zip(copies, case.rounds[0], strict=True)
    sum((copy * gradient).sum() for copy, gradient in pairs).backward()
    agree_by_name(arriving(student, case)[:1], [[copy.grad for copy in copies]])


@pytest.mark.points(5)
@pytest.mark.needs("test_clipped", "test_removed")
@given(cases(bounds=((-0.3, 1.1), (-0.7, 0.6), (-16, 100.0))))
@settings(max_examples=8)
def test_precision(student, reference, case):
    """In float32, half precision, or a mix, gradients are as exact as the dtype allows."""
    for dtype in LOWER:
        parameters = [p.detach().to(dtype).requires_grad_() for p in case.parameters]
        rounds = [[gradient.to(dtype) for gradient in case.rounds[0]]]
        lowered = case._replace(parameters=parameters, rounds=rounds)
        agree(arriving(student, lowered), arriving(reference, lowered))
        both = [*lowered.rounds[0], *case.rounds[0]]
        mixed = lowered._replace(parameters=[*parameters, *case.parameters], rounds=[both])
        agree(arriving(student, mixed), arriving(reference, mixed))


@pytest.mark.points(5)
@pytest.mark.needs("test_clipped")
@given(cases())
@settings(max_examples=5)
def test_layout(student, case):
    """Non-contiguous parameters and gradients are clipped just the same."""
    for lay in LAYOUTS.values():
        parameters = [lay(p.detach()).requires_grad_() for p in case.parameters]
        laid_out = case._replace(parameters=parameters, rounds=[[lay(g) for g in case.rounds[0]]])
        agree_by_name(arriving(student, laid_out)[:1], clipped(case))


def many_elements(draw, count, rows, columns):
    """Gradients of the order of 1, of which many lie beyond the bounds."""
    shapes = [(rows, columns), (columns, 1), *[(rows, 1)] * (count - 2)]
    parameters = [draw.tensor(*shape).requires_grad_() for shape in shapes]
    return Case(parameters, -0.5, 0.7, [[draw.tensor(*s) * s[1] ** 0.5 for s in shapes]])


def hold_passes(student, _, case):
    agree_by_name(arriving(student, case), [*clipped(case), *case.rounds])


test_middle_sizes = laws.middle_sizes(
    many_elements, hold_passes, most={"count": 60}, points=5, needs=("test_clipped", "test_removed")
)
