"""Exercise 9, cross-correlation: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import conv2d

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import SEEDS, cases_of


class Case(NamedTuple):
    x: Tensor
    kernel: Tensor


# A kernel of (kh, kw) fits at h * w places; none of the three is square, but by chance.
any_size = cases_of(Case, lambda h, w, kh, kw: [(h + kh - 1, w + kw - 1), (kh, kw)])
no_vectors = cases_of(Case, lambda h, w, kh, kw: [(h + kh, w + kw), (kh + 1, kw + 1)])
one_weight = cases_of(Case, lambda h, w: [(h, w), (1, 1)])
one_place = cases_of(Case, lambda h, w: [(h, w), (h, w)])


def cases(**options):
    kinds = (any_size, any_size, one_weight, one_place)
    return st.one_of(*(kind(**options) for kind in kinds))


CALLS = {"corr2d": tuple}
# A loop over all pixels and all weights is slow, but right: it is to end in a few seconds.
WORK = 400_000
VALUES = ("test_values",)


@pytest.mark.points(15)
@given(cases())
def test_one_weight(student, case):
    """A kernel of zeros with a single 1 picks out the pixels below that 1."""
    x, kernel = case
    rows, columns = x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1
    for a, b in {(0, 0), (kernel.shape[0] - 1, 0), (kernel.shape[0] // 2, kernel.shape[1] - 1)}:
        one = torch.zeros_like(kernel)
        one[a, b] = 1
        agree(student.corr2d(x, one), x[a : a + rows, b : b + columns], within=ROUNDING)


test_values = laws.reference(
    cases(),
    CALLS,
    points=15,
    needs=["test_one_weight"],
    title="Each result is the sum of all weights times the pixels below them.",
)
test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"corr2d": lambda case: conv2d(case.x[None, None], case.kernel[None, None])[0, 0]},
    points=5,
    needs=VALUES,
    title="The result matches torch's own conv2d with one channel.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_one_weight")
@given(cases())
def test_only_place(student, case):
    """A kernel as large as the image fits in one place and gives one number."""
    agree(student.corr2d(case.x, case.x), (case.x * case.x).sum().reshape(1, 1))


@pytest.mark.points(10)
@pytest.mark.needs("test_values")
@given(cases(), st.data())
def test_shift(student, case, data):
    """Cutting the first rows and columns off the image cuts the same ones off the result."""
    x, kernel = case
    whole = student.corr2d(x, kernel)
    top, left = (data.draw(st.integers(0, size - 1)) for size in whole.shape)
    agree(student.corr2d(x[top:, left:], kernel), whole[top:, left:], within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_values")
@given(cases(), SEEDS)
def test_linear(student, case, seed):
    """The result is linear in the kernel: 2 * a + b gives twice that of a plus that of b."""
    x, one = case
    other = torch.randn(one.shape, generator=torch.Generator().manual_seed(seed), dtype=one.dtype)
    both = 2 * student.corr2d(x, one) + student.corr2d(x, other)
    agree(student.corr2d(x, 2 * one + other), both, within=ROUNDING)


test_large = laws.magnitudes(cases(), CALLS, points=5, needs=VALUES)
test_precision = laws.precision(cases, CALLS, points=5, needs=VALUES)
test_gradients = laws.gradients(cases(), CALLS, points=10, needs=VALUES)
test_layout = laws.layout(no_vectors(), CALLS, points=5, needs=VALUES)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=VALUES)
test_middle_sizes = laws.middle_sizes(
    any_size.sized, CALLS, most={"kh": 30, "kw": 30}, work=WORK, points=5, needs=VALUES
)
test_speed = laws.speed(points=10)
