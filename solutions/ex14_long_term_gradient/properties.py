"""Exercise 14, what a recurrent network forgets: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from torch import Tensor
from torch.autograd.functional import jacobian

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import SEEDS, cases_of


class Case(NamedTuple):
    x: Tensor
    h0: Tensor
    w_ih: Tensor
    w_hh: Tensor
    b_ih: Tensor
    b_hh: Tensor


def fading(dtype=torch.float64, scale=0.5):
    """Cases in which the units are not all saturated, and the far past can still be seen."""
    return shaped(dtype=dtype, scale=scale)


shaped = cases_of(Case, lambda t, d, h: [(t, 1, d), (1, h), (h, d), (h, h), (h,), (h,)])
CALLS = {"long_term_gradient": tuple}
NORMS = ("test_norms",)


def last_state(case, nudges):
    """The last state, with a nudge added to every state that is read: h_0 .. h_{T-1}."""
    h = case.h0
    for x, nudge in zip(case.x, nudges, strict=True):
        h = torch.rnn_tanh_cell(x, h + nudge, *case[2:])
    return h


def jacobian_norms(case):
    """torch's own answer: the Jacobian by the nudges."""
    nudges = case.h0.new_zeros(len(case.x), *case.h0.shape)
    # Not torch.func.jacrev, which gives the same: it takes half a second to import.
    whole = jacobian(lambda nudges: last_state(case, nudges), nudges)  # (1, H, T, 1, H)
    return torch.linalg.vector_norm(whole, dim=(0, 1, 3, 4))


@pytest.mark.points(10)
@given(fading())
def test_one_step(student, case):
    """After a single step the Jacobian is w_hh, row j scaled by 1 - h_j^2 of the new state."""
    case = case._replace(x=case.x[:1])
    h = torch.rnn_tanh_cell(case.x[0], *case[1:])
    right = torch.linalg.matrix_norm((1 - h.T**2) * case.w_hh)
    agree(student.long_term_gradient(*case), right[None], within=ROUNDING)


@pytest.mark.points(15)
@pytest.mark.needs("test_one_step")
@given(SEEDS)
@settings(max_examples=5)
def test_orthogonal(student, seed):
    """With states of zero and w_hh = s times an orthogonal matrix, the norm over k steps is s^k
    sqrt(H)."""
    generator = torch.Generator().manual_seed(seed)
    for steps, size in ((1, 3), (2, 1), (4, 3), (30, 4)):
        draw = torch.randn(size, size, generator=generator, dtype=torch.float64)
        w_hh = torch.linalg.qr(draw).Q.contiguous()
        zeros = [w_hh.new_zeros(shape) for shape in ((steps, 1, 2), (1, size), (size, 2), size)]
        for s in (0.5, 1.0, 2.0):
            norms = student.long_term_gradient(*zeros[:3], s * w_hh, zeros[3], zeros[3])
            # Divided by s^k, so that what has all but vanished is looked at as closely.
            powers = s ** torch.arange(steps, 0, -1, dtype=norms.dtype)
            agree(norms / powers, torch.full_like(norms, size**0.5), within=ROUNDING)


test_norms = laws.reference(
    fading(),
    CALLS,
    points=20,
    needs=["test_one_step"],
    title="Entry t is the Frobenius norm of the product of the step Jacobians from t to T.",
)
test_builtin = laws.builtin(
    fading(),
    CALLS,
    {"long_term_gradient": jacobian_norms},
    points=5,
    needs=NORMS,
    title="The norms match those that torch's own autograd finds.",
)


@pytest.mark.points(10)
@pytest.mark.needs(*NORMS)
@given(fading().filter(lambda case: len(case.x) > 1))
def test_later(student, case):
    """Starting one step later, from the state reached there, only drops the first entry."""
    later = case._replace(x=case.x[1:], h0=torch.rnn_tanh_cell(case.x[0], *case[1:]))
    norms = student.long_term_gradient(*case)
    agree(student.long_term_gradient(*later), norms[1:], within=ROUNDING)


@pytest.mark.points(10)
@pytest.mark.needs(*NORMS)
@given(fading(), SEEDS)
@settings(max_examples=10)
def test_numbering(student, case, seed):
    """Renumbering the inputs and the hidden units changes nothing."""
    generator = torch.Generator().manual_seed(seed)
    d, h = (torch.randperm(size, generator=generator) for size in case.w_ih.shape[::-1])
    renumbered = Case(
        case.x[..., d],
        case.h0[:, h],
        case.w_ih[h][:, d],
        case.w_hh[h][:, h],
        case.b_ih[h],
        case.b_hh[h],
    )
    norms = student.long_term_gradient(*case)
    agree(student.long_term_gradient(*renumbered), norms, within=ROUNDING)


test_saturated = laws.magnitudes(
    fading(),
    CALLS,
    differentiable=False,
    points=5,
    needs=NORMS,
    title="Values in the thousands give no nan: saturated units just forget.",
)
test_precision = laws.precision(fading, CALLS, points=10, needs=NORMS)
test_layout = laws.layout(fading(), CALLS, points=5, needs=NORMS)
test_inputs = laws.inputs_unchanged(fading(), CALLS, points=5, needs=NORMS)
test_middle_sizes = laws.middle_sizes(
    shaped.sized,
    CALLS,
    most={"t": 100, "h": 60},
    long="t",
    differentiable=False,
    points=5,
    needs=NORMS,
)
