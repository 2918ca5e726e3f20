"""Exercise 33, hard attention: what any right answer obeys.

No drawn threshold is so close to a weight that rounding decides which of the two is greater,
except in `test_equal`, where the weights are exact.
"""

import math
from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import normalize, one_hot
from torch.nn.functional import threshold as threshold_of

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import SEEDS, sizes, tensors


class Case(NamedTuple):
    scores: Tensor
    values: Tensor
    threshold: float


# How far two neighbouring weights must be apart, relative to the greater, for a threshold between.
GAPS = {torch.float64: 1e-3, torch.float32: 1e-2, torch.float16: 0.2, torch.bfloat16: 0.2}


def thresholds(scores, most):
    """Thresholds up to `most` that part the soft weights clearly, from low to high; 0 first."""
    weights = torch.softmax(scores.double(), dim=-1).flatten().unique()
    lower, upper = weights[:-1], weights[1:]
    clear = (upper - lower > GAPS[scores.dtype] * upper) & (upper > 1e-3) & (upper <= most)
    return [0.0, *((lower + upper) / 2)[clear].tolist()]


@st.composite
def cases(draw, dtype=torch.float64, scale=1.0, under=False):
    """Every row has a weight above the threshold, or with `under`, some rows may have none."""
    n, tq, tk, dv = draw(sizes(4))
    scores = draw(tensors((n, tq, tk), dtype, scale))
    peaks = torch.softmax(scores.double(), dim=-1).amax(dim=-1)
    choices = thresholds(scores, float(peaks.max() if under else peaks.min()))
    threshold = choices[-1 - draw(SEEDS) % len(choices)]
    return Case(scores, draw(tensors((n, tk, dv), dtype)), threshold)


def shuffled(shape, seed):
    """In each row of `shape` the numbers from 0 in another order."""
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(shape, generator=generator).argsort(dim=-1)


CALLS = {"hard_attention": tuple}
BASICS = ("test_weights", "test_all_under")


@pytest.mark.points(5)
@given(cases(scale=6.0))
def test_soft(student, case):
    """With a threshold of 0 every key stays: this is soft attention."""
    soft = torch.softmax(case.scores, dim=-1)
    agree(student.hard_attention(*case[:2], 0.0), (soft @ case.values, soft), within=ROUNDING)


test_weights = laws.reference(
    cases(),
    CALLS,
    points=10,
    needs=["test_soft"],
    title="Weights under the threshold become 0, and the others are divided by their sum.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_soft")
@given(cases(), SEEDS)
def test_all_under(student, case, seed):
    """With a threshold above 1 all weight is on the largest, and the output is its value."""
    ranks = shuffled(case.scores.shape, seed)  # no two alike
    largest = ranks.argmax(dim=-1)
    weights = one_hot(largest, ranks.shape[-1]).double()
    right = weights @ case.values, weights
    for apart in (0.1, 1e-8):
        scores = apart * ranks.double()
        for threshold in (1.5, 1e6, math.inf):
            agree(student.hard_attention(scores, case.values, threshold), right, within=ROUNDING)


test_rows = laws.reference(
    cases(under=True),
    CALLS,
    points=10,
    needs=BASICS,
    title="Each row is treated by itself: one may keep several keys, another only its largest.",
)


@pytest.mark.points(10)
@pytest.mark.needs(*BASICS)
@given(cases())
def test_first_of_equals(student, case):
    """Of equally large weights under the threshold, the first stays and the others go."""
    scores = case.scores.sign()
    equals = scores == scores.amax(dim=-1, keepdim=True)
    weights = (equals & (equals.cumsum(dim=-1) == 1)).double()
    right = weights @ case.values, weights
    agree(student.hard_attention(scores, case.values, 1.5), right, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*BASICS)
@given(cases(), SEEDS)
def test_equal(student, case, seed):
    """A weight equal to the threshold stays; with a slightly higher threshold it goes."""
    n, tq, tk = case.scores.shape
    values = torch.cat([case.values] * 4, dim=1)
    for count in (1, 2, 4):
        # So many keys have exactly 1 / count, the others nothing: exp(-1000) is 0.
        equals = shuffled((n, tq, 4 * tk), seed) < count
        scores = torch.where(equals, 0.0, -1000.0).double()
        weights = equals / count
        right = weights.double() @ values, weights.double()
        agree(student.hard_attention(scores, values, 1 / count), right, within=ROUNDING)
        first = (equals & (equals.cumsum(dim=-1) == 1)).double()
        right = first @ values, first
        agree(student.hard_attention(scores, values, (1 + 1e-9) / count), right, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*BASICS)
@given(cases())
def test_builtin(student, case):
    """Where a weight is above the threshold, the result matches torch's `threshold` and
    `normalize`."""
    scores, values, threshold = case
    soft = torch.softmax(scores, dim=-1)
    weights = normalize(threshold_of(soft, threshold, 0.0), p=1.0, dim=-1)
    agree(student.hard_attention(*case), (weights @ values, weights), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*BASICS)
@given(cases(under=True))
def test_dropped(student, case):
    """Soft attention over the kept keys alone gives the same."""
    output, weights = student.hard_attention(*case)
    without = case.scores.masked_fill(weights == 0, -1e4)
    agree(student.hard_attention(without, case.values, 0.0), (output, weights), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*BASICS)
@given(cases(), SEEDS)
def test_order_of_keys(student, case, seed):
    """Shuffling keys and values together only reorders the weights."""
    order = shuffled((case.scores.shape[-1],), seed)
    output, weights = student.hard_attention(*case)
    moved = Case(case.scores[..., order], case.values[:, order], case.threshold)
    agree(student.hard_attention(*moved), (output, weights[..., order]), within=ROUNDING)


test_large_scores = laws.reference(
    cases(scale=1e3),
    CALLS,
    points=5,
    needs=BASICS,
    title="Scores in the thousands, and far beyond, give no overflow and no nan.",
    tied=lambda case, size: case._replace(scores=torch.full_like(case.scores, size)),
)
test_batch = laws.batch(
    cases(under=True), CALLS, batched=("scores", "values"), points=5, needs=BASICS
)
test_precision = laws.precision(cases, CALLS, points=5, needs=BASICS)
test_gradients = laws.gradients(
    cases(under=True),
    CALLS,
    points=5,
    needs=BASICS,
    title="Gradients flow through the weights that stay, and only through them.",
)
test_layout = laws.layout(cases(under=True), CALLS, points=5, needs=BASICS)
test_inputs = laws.inputs_unchanged(cases(under=True), CALLS, points=5, needs=BASICS)


def large_cases(draw, n, tq, tk, dv):
    """Weights that fall by 5 % from key to key, in another order in each row, and a threshold
    halfway between two of them."""
    ranks = draw.tensor(n, tq, tk).argsort(dim=-1).to(draw.dtype)
    middle = min(tk // 2, 40) - 0.5
    threshold = math.exp(-0.05 * middle) / sum(math.exp(-0.05 * rank) for rank in range(tk))
    return Case(-0.05 * ranks, draw.tensor(n, tk, dv), threshold)


test_middle_sizes = laws.middle_sizes(large_cases, CALLS, points=5, needs=BASICS)
test_speed = laws.speed(points=5)
