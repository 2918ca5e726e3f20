"""Exercise 3, attention scoring: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import SEEDS, cases_of


class Case(NamedTuple):
    queries: Tensor
    keys: Tensor
    values: Tensor


cases = cases_of(Case, lambda n, tq, tk, d, dv: [(n, tq, d), (n, tk, d), (n, tk, dv)])
SCORES = {"attention_scores": lambda case: case[:2]}
OUTPUT = {"attention": tuple}
CALLS = SCORES | OUTPUT
BOTH = ("test_scores", "test_output")


test_scores = laws.reference(
    cases(),
    SCORES,
    points=15,
    title="Each score is the dot product of a query and a key, divided by sqrt(d).",
)
test_output = laws.reference(
    cases(),
    OUTPUT,
    points=15,
    title=(
        "The weights are a softmax over the keys; the output is the weighted mean of the values."
    ),
)


@pytest.mark.points(5)
@pytest.mark.needs("test_output")
@given(cases())
def test_builtin(student, case):
    """The output matches torch's own scaled_dot_product_attention."""
    output, _ = student.attention(*case)
    agree(output, scaled_dot_product_attention(*case))


@pytest.mark.points(10)
@pytest.mark.needs("test_output")
@given(cases(), SEEDS)
def test_order_of_keys(student, case, seed):
    """Shuffling keys and values together only reorders the weights."""
    queries, keys, values = case
    order = torch.randperm(keys.shape[1], generator=torch.Generator().manual_seed(seed))
    output, weights = student.attention(*case)
    shuffled = student.attention(queries, keys[:, order], values[:, order])
    agree(shuffled, (output, weights[..., order]))


@pytest.mark.points(10)
@pytest.mark.needs("test_output")
@given(cases(scale=1e3))
def test_large_scores(student, reference, case):
    """Scores in the millions give no overflow and no nan; beyond that, weights still sum to 1."""
    agree(student.attention(*case), reference.attention(*case))
    queries, *others = case
    # Of keys that are all alike, whatever way rounding parts their scores.
    keys, values = (other[:, :1].expand_as(other).clone() for other in others)
    output, weights = student.attention(laws.HUGE * queries, keys, values)
    agree(weights.sum(dim=-1), torch.ones_like(weights[..., 0]), within=ROUNDING)
    agree(output, student.attention(queries, keys, values)[0], within=ROUNDING)


test_batch = laws.batch(cases(), CALLS, batched=Case._fields, points=5, needs=BOTH)
test_precision = laws.precision(cases, CALLS, points=5, needs=BOTH)
test_gradients = laws.gradients(cases(), CALLS, points=10, needs=BOTH)
test_layout = laws.layout(cases(), CALLS, points=5, needs=BOTH)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=BOTH)
test_middle_sizes = laws.middle_sizes(cases.sized, CALLS, points=5, needs=BOTH)
test_speed = laws.speed(points=10)
