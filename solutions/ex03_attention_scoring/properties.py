"""Exercise 3, attention scoring: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from grader.judge.compare import agree
from grader.judge.strategies import SEEDS, layouts, low_precision, relayouted, sizes, tensors


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


@pytest.mark.points(10)
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


@pytest.mark.points(5)
@pytest.mark.needs("test_output")
@given(cases())
def test_batch(student, case):
    """The samples of a batch do not see each other; a batch of one works."""
    whole, _ = student.attention(*case)
    for n in range(len(whole)):
        alone, _ = student.attention(*(part[n : n + 1] for part in case))
        agree(alone, whole[n : n + 1])


@pytest.mark.points(10)
@pytest.mark.needs("test_output")
@given(cases(scale=1e3))
def test_large_scores(student, reference, case):
    """Scores in the millions neither overflow nor give nan."""
    agree(student.attention(*case), reference.attention(*case))


@pytest.mark.points(10)
@pytest.mark.needs("test_scores", "test_output")
@given(low_precision(cases))
def test_precision(student, reference, case):
    """In float32 and half precision the result keeps its dtype and is as exact as it can be."""
    queries, keys, _ = case
    agree(student.attention_scores(queries, keys), reference.attention_scores(queries, keys))
    agree(student.attention(*case), reference.attention(*case))


@pytest.mark.points(10)
@pytest.mark.needs("test_output")
@given(cases(), SEEDS)
def test_gradients(student, reference, case, seed):
    """Gradients reach queries, keys and values, and are right."""
    agree(
        student.attention.gradients(*case, seed=seed),
        reference.attention.gradients(*case, seed=seed),
    )


@pytest.mark.points(5)
@pytest.mark.needs("test_scores", "test_output")
@given(cases(), layouts())
def test_layout(student, reference, case, layout):
    """How a tensor lies in memory makes no difference."""
    queries, keys, values = relayouted(case, layout)
    agree(student.attention_scores(queries, keys), reference.attention_scores(queries, keys))
    agree(student.attention(queries, keys, values), reference.attention(*case))


@pytest.mark.points(5)
@pytest.mark.needs("test_scores", "test_output")
@given(cases())
def test_inputs(student, reference, case):
    """Your functions leave their inputs as they were."""
    queries, keys, _ = case
    agree(
        student.attention_scores.changes(queries, keys),
        reference.attention_scores.changes(queries, keys),
        within=0,
    )
    agree(student.attention.changes(*case), reference.attention.changes(*case), within=0)
