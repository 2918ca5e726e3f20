"""Exercise 31, a softmax that leaves out the padding: what any right answer obeys."""

import math
from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import LAYOUTS, SEEDS, relayouted, sizes, tensors


class Case(NamedTuple):
    scores: Tensor
    valid_lens: Tensor | None


@st.composite
def cases(draw, dtype=torch.float64, scale=1.0, least=1, lengths=("sample", "query")):
    """Lengths of `least` or more, one for each "sample", one for each "query", or none: "no"."""
    n, tq, tk = draw(sizes(3))
    scores = draw(tensors((n, tq, tk), dtype, scale))
    kind = draw(st.sampled_from(lengths))
    if kind == "no":
        return Case(scores, None)
    generator = torch.Generator().manual_seed(draw(SEEDS))
    shape = (n,) if kind == "sample" else (n, tq)
    return Case(scores, torch.randint(least, tk + 1, shape, generator=generator))


def cases_of_all_kinds(dtype=torch.float64):
    return cases(dtype, lengths=("no", "sample", "query"))


def padding_of(case):
    """Which scores lie beyond the valid length, (N, Tq, Tk)."""
    n, tq, tk = case.scores.shape
    lens = torch.full((n,), tk) if case.valid_lens is None else case.valid_lens
    return (torch.arange(tk) >= lens.reshape(n, -1, 1)).expand(n, tq, tk)


WEIGHTS = {"masked_softmax": tuple}
BOTH = ("test_samples", "test_queries")


@pytest.mark.points(5)
@given(cases())
def test_no_lengths(student, case):
    """Without valid_lens, this is torch's own softmax over the keys."""
    softmax = torch.softmax(case.scores, dim=-1)
    agree(student.masked_softmax(case.scores), softmax)
    agree(student.masked_softmax(case.scores, None), softmax)


test_samples = laws.reference(
    cases(lengths=("sample",)),
    WEIGHTS,
    points=10,
    needs=["test_no_lengths"],
    title=(
        "With one length for each sample, its first keys share the weight; the others get none."
    ),
)
test_queries = laws.reference(
    cases(lengths=("query",)),
    WEIGHTS,
    points=5,
    needs=["test_no_lengths"],
    title="With one length for each query, every row has its own.",
)


@pytest.mark.points(10)
@pytest.mark.needs(*BOTH)
@given(cases(least=0))
def test_empty(student, case):
    """Masked weights are exactly 0, even in a row in which every key is masked."""
    padding = padding_of(case)
    weights = student.masked_softmax(*case)
    agree(weights, weights.masked_fill(padding, 0.0), within=0)
    agree(weights.sum(dim=-1), (~padding).any(dim=-1).double(), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*BOTH)
@given(cases())
def test_full(student, case):
    """With lengths of Tk, nothing is masked: this is torch's own softmax."""
    n, tq, tk = case.scores.shape
    for lens in (torch.full((n,), tk), torch.full((n, tq), tk)):
        agree(student.masked_softmax(case.scores, lens), torch.softmax(case.scores, dim=-1))


@pytest.mark.points(5)
@pytest.mark.needs(*BOTH)
@given(cases(), st.sampled_from((-1e7, -3.0, 40.0, 1e4)))
def test_shift(student, case, constant):
    """Adding one number to all valid scores changes no weight."""
    padding, shifted = padding_of(case), case.scores + constant
    # The sum rounds: what is compared are the scores that are left of it.
    rounded = torch.where(padding, case.scores, shifted - constant)
    weights = student.masked_softmax(rounded, case.valid_lens)
    moved = torch.where(padding, case.scores, shifted)
    agree(student.masked_softmax(moved, case.valid_lens), weights, within=ROUNDING)


@pytest.mark.points(10)
@pytest.mark.needs(*BOTH)
@given(
    cases_of_all_kinds(),
    st.sampled_from((torch.float64, torch.float32, torch.float16, torch.bfloat16)),
)
def test_extreme(student, reference, case, dtype):
    """Even with scores at the limits of their dtype, the padding gets no weight."""
    most = torch.finfo(dtype).max
    for sign in (1, -1):
        scores = (sign * most * (0.5 + 0.4 * case.scores.sigmoid())).to(dtype)
        scores = torch.where(padding_of(case), case.scores.to(dtype), scores)
        right = reference.masked_softmax.plain(scores.double(), case.valid_lens).to(dtype)
        mine = student.masked_softmax(scores, case.valid_lens)
        agree(mine, right, within=8 * torch.finfo(dtype).eps)


@pytest.mark.points(10)
@pytest.mark.needs("test_empty")
@given(cases(least=0), st.sampled_from((math.nan, math.inf, -math.inf, 1e300)))
def test_padding(student, reference, case, anything):
    """What stands beyond the valid length, even nan or inf, has no effect on any weight."""
    padded = case._replace(scores=case.scores.masked_fill(padding_of(case), anything))
    agree(student.masked_softmax(*padded), reference.masked_softmax(*case))


test_gradients = laws.gradients(cases_of_all_kinds(), WEIGHTS, points=5, needs=BOTH)


@pytest.mark.points(5)
@pytest.mark.needs("test_padding", "test_gradients")
@given(cases(least=0), st.sampled_from((0.0, math.nan, math.inf, -math.inf)), SEEDS)
def test_padding_gradients(student, reference, case, anything, seed):
    """Gradients are never nan, and exactly 0 beyond the valid length."""
    padding = padding_of(case)
    padded = case._replace(scores=case.scores.masked_fill(padding, anything))
    mine = student.masked_softmax.gradients(*padded, seed=seed)
    agree(mine, reference.masked_softmax.gradients(*case, seed=seed))
    agree(mine["scores"], mine["scores"].masked_fill(padding, 0.0), within=0)


@pytest.mark.points(5)
@pytest.mark.needs(*BOTH)
@settings(max_examples=8)
@given(cases_of_all_kinds())
def test_layout(student, reference, case):
    """Non-contiguous tensors (transposed, strided) give the same results."""
    right = reference.masked_softmax(*case)
    for layout in LAYOUTS:
        agree(student.masked_softmax(*relayouted(case, layout)), right)


test_batch = laws.batch(cases(least=0), WEIGHTS, batched=Case._fields, points=5, needs=BOTH)
test_precision = laws.precision(cases_of_all_kinds, WEIGHTS, points=5, needs=BOTH)
test_inputs = laws.inputs_unchanged(cases_of_all_kinds(), WEIGHTS, points=5, needs=BOTH)


def large_cases(draw, n, tq, tk):
    """One length for each query where there is an even number of them, else for each sample."""
    lens = draw.below(tk, n) if tq % 2 else draw.below(tk, n, tq)
    return Case(draw.tensor(n, tq, tk), 1 + lens)


test_middle_sizes = laws.middle_sizes(large_cases, WEIGHTS, points=5, needs=BOTH)
test_speed = laws.speed(points=5)
