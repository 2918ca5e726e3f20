"""Exercise 7, a deep linear network: what any right answer obeys."""

from itertools import pairwise
from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.linalg import multi_dot

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import sizes, tensors


class Case(NamedTuple):
    x: Tensor
    weights: list[Tensor]


@st.composite
def cases(draw, dtype=torch.float64, scale=1.0, least=1, square=False):
    """A stack of at least `least` layers, mostly every width another, or with `square` the same."""
    depth = draw(st.integers(least, 4))
    batch, *widths = draw(sizes(depth + 2))
    if square:
        widths = widths[:1] * len(widths)
    x = draw(tensors((batch, widths[0]), dtype, scale))
    return Case(x, [draw(tensors(shape, dtype, scale)) for shape in pairwise(widths)])


def halves(dtype):
    """Values small enough for the squares of float16."""
    return cases(dtype=dtype, scale=0.5)


def products(case):
    """torch's own answer: every H_l from the start, in the order of products that it likes best."""
    signals = [multi_dot([case.x, *case.weights[: i + 1]]) for i in range(len(case.weights))]
    return signals[-1], torch.stack([torch.linalg.matrix_norm(signal) for signal in signals])


def alive(case):
    """Whether no signal is zero: there a norm has no gradient."""
    return bool((products(case)[1] > 1e-3).all())


CALLS = {"deep_linear": tuple}
BOTH = ("test_output", "test_norms")


@pytest.mark.points(10)
@given(tensors((2, 3)))
@settings(max_examples=5)
def test_identity(student, x):
    """Layers of s times the identity scale x, and its norm, by s at every layer."""
    for depth in (1, 2, 40, 200):
        for s in (0.5, 1.0, 2.0):
            powers = s ** torch.arange(1, depth + 1, dtype=x.dtype)
            output, norms = student.deep_linear(x, [s * torch.eye(3, dtype=x.dtype)] * depth)
            # Divided by s^l, so that what has all but vanished is looked at as closely.
            agree(output / powers[-1], x)
            agree(norms / powers, x.square().sum().sqrt().expand(depth))


@pytest.mark.points(15)
@given(cases())
def test_output(student, reference, case):
    """The output is x times all the weights, in order."""
    output, _ = student.deep_linear(*case)
    agree(output, reference.deep_linear.plain(*case)[0])


@pytest.mark.points(15)
@pytest.mark.needs("test_output")
@given(cases())
def test_norms(student, reference, case):
    """The l-th norm is the Frobenius norm of the signal after layer l: over all its elements."""
    _, norms = student.deep_linear(*case)
    agree(norms, reference.deep_linear.plain(*case)[1])


test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"deep_linear": products},
    points=5,
    needs=BOTH,
    title="Output and norms match torch.linalg.multi_dot over the layers so far.",
)


@pytest.mark.points(5)
@pytest.mark.needs(*BOTH)
@given(cases())
@settings(max_examples=10)
def test_depth(student, case):
    """With all weights multiplied by s, the norm after layer l is multiplied by s^l."""
    output, norms = student.deep_linear(*case)
    for s in (0.5, -2.0):
        powers = s ** torch.arange(1, len(norms) + 1, dtype=norms.dtype)
        scaled = student.deep_linear(case.x, [s * weight for weight in case.weights])
        agree(scaled, (powers[-1] * output, powers.abs() * norms))


@pytest.mark.points(10)
@pytest.mark.needs(*BOTH)
@given(cases(least=2))
def test_split(student, case):
    """Cut in two, the second half reading the output of the first, the stack gives the same."""
    cut = len(case.weights) // 2
    middle, first = student.deep_linear(case.x, case.weights[:cut])
    output, second = student.deep_linear(middle, case.weights[cut:])
    agree(student.deep_linear(*case), (output, torch.cat((first, second))), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*BOTH)
@given(cases())
@settings(max_examples=8)
def test_batch(student, case):
    """Each sample alone gives its row of the batch, and the squared norms add up."""
    alone = [student.deep_linear(sample, case.weights) for sample in case.x.split(1)]
    squares = torch.stack([norms.square() for _, norms in alone]).sum(dim=0)
    whole = torch.cat([output for output, _ in alone]), squares.sqrt()
    agree(student.deep_linear(*case), whole, within=ROUNDING)


test_large = laws.magnitudes(cases().filter(alive), CALLS, points=5, needs=BOTH)
test_precision = laws.precision(halves, CALLS, points=5, needs=BOTH)
test_gradients = laws.gradients(cases().filter(alive), CALLS, points=10, needs=BOTH)
test_layout = laws.layout(cases(), CALLS, points=5, needs=BOTH)
# Where a product has the shape of x, it could be written over x.
test_inputs = laws.inputs_unchanged(cases(square=True), CALLS, points=5, needs=BOTH)


def large_stacks(draw, depth, n, d, h):
    """Layers from d to h and from h to d in turn."""
    widths = ([d, h] * depth)[: depth + 1]
    return Case(draw.tensor(n, d), [draw.tensor(*shape) for shape in pairwise(widths)])


test_middle_sizes = laws.middle_sizes(large_stacks, CALLS, most={"depth": 40}, points=5, needs=BOTH)
