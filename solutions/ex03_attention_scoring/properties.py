"""Exercise 3, attention scoring: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from grader.judge import laws
from grader.judge.compare import agree
from grader.judge.strategies import SEEDS, sizes, tensors


class Case(NamedTuple):
    queries: Tensor
    keys: Tensor
    values: Tensor


@st.composite
def cases(draw, dtype=torch.float64, scale=1.0):
    batch, tq, tk, d, dv = draw(sizes(5))
    return Case(
        draw(tensors((batch, tq, d), dtype, scale)),
        draw(tensors((batch, tk, d), dtype, scale)),
        draw(tensors((batch, tk, dv), dtype)),
    )


@pytest.mark.points(15)
@given(cases())
def test_scores(student, reference, case):
    """Each score is the dot product of a query and a key, divided by sqrt(d)."""
    queries, keys, _ = case
    agree(student.attention_scores(queries, keys), reference.attention_scores(queries, keys))


@pytest.mark.points(20)
@given(cases())
def test_output(student, reference, case):
    """Each query's weights are a softmax over the keys, and average the values."""
    agree(student.attention(*case), reference.attention(*case))


@pytest.mark.points(5)
@pytest.mark.needs("test_output")
@given(cases())
def test_builtin(student, case):
    """The output is what torch's own scaled_dot_product_attention gives."""
    output, _ = student.attention(*case)
    agree(output, scaled_dot_product_attention(*case))


@pytest.mark.points(10)
@pytest.mark.needs("test_output")
@given(cases(), SEEDS)
def test_order_of_keys(student, case, seed):
    """Shuffling keys and values together changes nothing but the order of the weights."""
    queries, keys, values = case
    order = torch.randperm(keys.shape[1], generator=torch.Generator().manual_seed(seed))
    output, weights = student.attention(*case)
    shuffled = student.attention(queries, keys[:, order], values[:, order])
    agree(shuffled, (output, weights[..., order]))


@pytest.mark.points(10)
@pytest.mark.needs("test_output")
@given(cases(scale=1e3))
def test_large_scores(student, reference, case):
    """Scores in the millions neither overflow nor give nan."""
    agree(student.attention(*case), reference.attention(*case))


BOTH = ("test_scores", "test_output")
CALLS = {"attention_scores": lambda case: case[:2], "attention": tuple}

test_batch = laws.batch(cases(), CALLS, batched=Case._fields, points=5, needs=BOTH)
test_precision = laws.precision(cases, CALLS, points=5, needs=BOTH)
test_gradients = laws.gradients(cases(), CALLS, points=10, needs=BOTH)
test_layout = laws.layout(cases(), CALLS, points=5, needs=BOTH)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=BOTH)
test_speed = laws.speed(points=10)
