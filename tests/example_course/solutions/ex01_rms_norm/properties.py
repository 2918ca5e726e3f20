"""Exercise 1, root mean square normalisation: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from torch import Tensor
from torch.nn import functional

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import cases_of


class Case(NamedTuple):
    x: Tensor
    weight: Tensor


cases = cases_of(Case, lambda n, d: [(n, d), (d,)])
CALLS = {"rms_norm": tuple}
VALUES = ("test_values",)

test_values = laws.reference(
    cases(),
    CALLS,
    points=20,
    title="Each sample is divided by the root of the mean of its squares, and scaled by weight.",
)
test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"rms_norm": lambda case: functional.rms_norm(case.x, case.weight.shape, case.weight, 1e-6)},
    points=5,
    needs=VALUES,
    title="The result is that of torch's own rms_norm.",
)


@pytest.mark.points(15)
@pytest.mark.needs("test_values")
@given(cases())
def test_scale(student, case):
    """Without eps, a sample ten times as large gives the same result."""
    x = case.x + 1
    once = student.rms_norm(x, case.weight, eps=0.0)
    agree(student.rms_norm(10 * x, case.weight, eps=0.0), once, within=ROUNDING)


@pytest.mark.points(10)
@given(cases())
def test_zeros(student, case):
    """A sample of zeros stays one, and does not become nan."""
    zeros = torch.zeros_like(case.x)
    agree(student.rms_norm(zeros, case.weight), zeros)


@pytest.mark.points(10)
@pytest.mark.needs("test_values")
@settings(max_examples=10)
@given(cases())
def test_eps(student, reference, case):
    """eps stands under the root, and is the one that is given."""
    for eps in (1e-2, 1.0, 4.0):
        agree(student.rms_norm(*case, eps=eps), reference.rms_norm(*case, eps=eps))


test_batch = laws.batch(cases(), CALLS, batched=("x",), points=5, needs=VALUES)
test_precision = laws.precision(cases, CALLS, points=10, needs=VALUES)
test_gradients = laws.gradients(cases(), CALLS, points=10, needs=VALUES)
test_layout = laws.layout(cases(), CALLS, points=5, needs=VALUES)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=VALUES)
test_middle_sizes = laws.middle_sizes(cases.sized, CALLS, points=5, needs=VALUES)
