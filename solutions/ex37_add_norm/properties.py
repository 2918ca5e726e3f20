"""Exercise 37, add and norm: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import layer_norm

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import LAYOUTS, SEEDS, cases_of, relayouted, tensors


class Case(NamedTuple):
    x: Tensor
    sublayer_out: Tensor
    weight: Tensor
    bias: Tensor


cases = cases_of(Case, lambda n, t, d: [(n, t, d), (n, t, d), (d,), (d,)])
wide_cases = cases_of(Case, lambda n, t, d: [(n, t, d + 2), (n, t, d + 2), (d + 2,), (d + 2,)])
CALLS = {"add_norm": tuple}
NORM = ("test_normalised", "test_affine")
SCALES = st.sampled_from((4.0, 2.0**-40, 64.0))


def plain(case):
    """The case with weight 1 and bias 0."""
    return case._replace(weight=torch.ones_like(case.weight), bias=torch.zeros_like(case.bias))


def spread(case):
    """No position's spread is small: rounding leaves much of it in any dtype, and with eps = 0
    nobody divides by 0."""
    apart = torch.zeros_like(case.bias)
    apart[0], apart[1] = 4, -4
    return case._replace(x=case.x + apart)


def spread_cases(dtype=torch.float64):
    return wide_cases(dtype=dtype).map(spread)


test_normalised = laws.reference(
    cases().map(plain),
    CALLS,
    points=5,
    title="With weight 1 and bias 0, the result is (sum - mean) / sqrt(var + eps).",
)
test_affine = laws.reference(
    cases(),
    CALLS,
    points=5,
    needs=["test_normalised"],
    title="Each feature of the normalised sum is multiplied by its weight; then its bias is added.",
)
test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"add_norm": lambda c: layer_norm(c.x + c.sublayer_out, c.bias.shape, c.weight, c.bias)},
    points=5,
    needs=NORM,
    title="The result matches torch's own LayerNorm of the sum.",
)


@pytest.mark.points(5)
@pytest.mark.needs(*NORM)
@given(SEEDS)
@settings(max_examples=4)
def test_outlier(student, seed):
    """One feature far above D - 1 equal ones becomes sqrt(D - 1): nothing bounds the result."""
    for size in (2, 10, 50):
        x = torch.zeros(1, 2, size, dtype=torch.float64)
        x[..., seed % size] = 100
        ones, zeros = torch.ones_like(x[0, 0]), torch.zeros_like(x[0, 0])
        right = torch.full_like(x, -((size - 1) ** -0.5))
        right[..., seed % size] = (size - 1) ** 0.5
        agree(student.add_norm(x, zeros.expand_as(x), ones, zeros, eps=0.0), right, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*NORM)
@given(cases().map(plain))
def test_statistics(student, case):
    """With weight 1 and bias 0 each position has mean 0 and variance var / (var + eps)."""
    out = student.add_norm(*case)
    agree(out.mean(dim=-1), torch.zeros(out.shape[:2], dtype=out.dtype), within=ROUNDING)
    variance = (case.x + case.sublayer_out).var(dim=-1, unbiased=False)
    agree(out.var(dim=-1, unbiased=False), variance / (variance + 1e-5), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*NORM)
@given(cases())
def test_residual(student, case):
    """Only the sum of x and sublayer_out counts: swap them, or make one of them zero."""
    x, sublayer_out, *parameters = case
    zero, out = torch.zeros_like(x), student.add_norm(*case)
    agree(student.add_norm(sublayer_out, x, *parameters), out, within=ROUNDING)
    agree(student.add_norm(x + sublayer_out, zero, *parameters), out, within=ROUNDING)
    agree(student.add_norm(zero, x + sublayer_out, *parameters), out, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*NORM)
@given(cases(), SEEDS)
def test_shift(student, case, seed):
    """Adding one number to all features of a position changes nothing."""
    generator = torch.Generator().manual_seed(seed)
    shape = (*case.x.shape[:2], 1)
    shift = torch.randint(-3, 4, shape, generator=generator).to(case.x.dtype)
    shifted = case._replace(x=case.x + shift)
    agree(student.add_norm(*shifted), student.add_norm(*case), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*NORM)
@given(spread_cases(), SCALES)
def test_scale(student, case, scale):
    """With eps = 0, x and sublayer_out times a positive number give the same result."""
    scaled = case._replace(x=scale * case.x, sublayer_out=scale * case.sublayer_out)
    agree(student.add_norm(*scaled, 0.0), student.add_norm(*case, 0.0), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*NORM)
@given(cases(), spread_cases())
@settings(max_examples=10)
def test_eps(student, reference, case, spread):
    """eps can be given by name or by position, and is 1e-5 by default."""
    tiny = case._replace(x=case.x / 1000, sublayer_out=case.sublayer_out / 1000)
    agree(student.add_norm(*tiny), reference.add_norm(*tiny))
    for eps in (1e-3, 0.5, 300.0):
        right = reference.add_norm(*case, eps)
        agree(student.add_norm(*case, eps=eps), right)
        agree(student.add_norm(*case, eps), right)
    small = spread._replace(x=spread.x / 1000, sublayer_out=spread.sublayer_out / 1000)
    agree(student.add_norm(*small, 0.0), reference.add_norm(*small, 0.0))


@st.composite
def constant_cases(draw):
    """Every position of x and of sublayer_out holds one number, D times."""
    case = draw(cases())
    return case._replace(
        x=draw(tensors((*case.x.shape[:2], 1))).expand_as(case.x).clone(),
        sublayer_out=draw(tensors((*case.x.shape[:2], 1))).expand_as(case.x).clone(),
    )


@pytest.mark.points(5)
@pytest.mark.needs(*NORM)
@given(constant_cases(), SEEDS)
def test_constant(student, reference, case, seed):
    """Where all features of a position are equal the result is the bias; gradients are finite."""
    agree(student.add_norm(*case), case.bias.expand_as(case.x), within=ROUNDING)
    right = reference.add_norm.gradients(*case, seed=seed)
    agree(student.add_norm.gradients(*case, seed=seed), right)


@pytest.mark.points(5)
@pytest.mark.needs(*NORM)
@given(SEEDS)
@settings(max_examples=4)
def test_large_mean(student, reference, seed):
    """A mean much larger than the spread takes nothing of it, and no variance comes out negative:
    take the mean off first, and square then."""
    generator = torch.Generator().manual_seed(seed)
    for dtype, mean in ((torch.float64, 1e6), (torch.float32, 1e3), (torch.bfloat16, 40.0)):
        x = mean * (1 + torch.rand(3, 16, 1, generator=generator, dtype=torch.float64))
        noise = torch.randn(3, 16, 3, generator=generator, dtype=torch.float64)
        noise[:, ::2] = 0  # as in every other position, all entries may be equal
        parts = x.expand_as(noise), noise, torch.tensor([1.0, -2.0, 0.5]), torch.zeros(3)
        case = Case(*(part.to(dtype) for part in parts))
        agree(student.add_norm(*case), reference.add_norm(*case))


test_positions = laws.batch(
    cases(),
    CALLS,
    batched={"x": 1, "sublayer_out": 1},
    results={"add_norm": (1,)},
    points=5,
    needs=NORM,
    title="Positions do not affect each other, and a sequence of one position works.",
)
test_batch = laws.batch(cases(), CALLS, batched=("x", "sublayer_out"), points=5, needs=NORM)
test_precision = laws.precision(spread_cases, CALLS, points=5, needs=NORM)
test_gradients = laws.gradients(cases(), CALLS, points=5, needs=(*NORM, "test_constant"))


@pytest.mark.points(5)
@pytest.mark.needs(*NORM)
@laws.FEW
@given(cases())
def test_layout(student, reference, case):
    """Non-contiguous tensors (transposed, strided) give the same results."""
    right = reference.add_norm(*case)
    for layout in LAYOUTS:
        agree(student.add_norm(*relayouted(case, layout)), right)


test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=NORM)


def large_cases(draw, n, t, d):
    return spread(wide_cases.sized(draw, n, t, d))


test_middle_sizes = laws.middle_sizes(large_cases, CALLS, points=5, needs=NORM)
test_speed = laws.speed(points=10)
