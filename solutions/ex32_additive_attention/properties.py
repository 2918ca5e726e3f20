"""Exercise 32, additive attention: what any right answer obeys."""

import math
from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from torch import Tensor

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import SEEDS, cases_of


class Case(NamedTuple):
    queries: Tensor
    keys: Tensor
    w_q: Tensor
    w_k: Tensor
    w_v: Tensor


cases = cases_of(
    Case, lambda n, tq, tk, dq, dk, h: [(n, tq, dq), (n, tk, dk), (h, dq), (h, dk), (h,)]
)
CALLS = {"additive_scores": tuple}
SCORES = ("test_scores",)


def score(query, key, case):
    """The score of one pair, by plain numbers, one hidden unit at a time."""
    total = 0.0
    for from_query, from_key, out in zip(*(w.tolist() for w in case[2:]), strict=True):
        inner = sum(w * x for w, x in zip(from_query, query, strict=True))
        inner += sum(w * x for w, x in zip(from_key, key, strict=True))
        total += out * math.tanh(inner)
    return total


test_scores = laws.reference(
    cases(),
    CALLS,
    points=15,
    title="Each score is w_v . tanh(w_q query + w_k key), for every query and every key.",
)


@pytest.mark.points(10)
@pytest.mark.needs("test_scores")
@given(cases())
def test_one_pair(student, case):
    """The score of the first query and the last key matches a calculation by hand."""
    by_hand = [
        score(queries[0], keys[-1], case)
        for queries, keys in zip(case.queries.tolist(), case.keys.tolist(), strict=True)
    ]
    expected = torch.tensor(by_hand, dtype=torch.float64)
    agree(student.additive_scores(*case)[:, 0, -1], expected, within=ROUNDING)


@pytest.mark.points(10)
@pytest.mark.needs("test_scores")
@given(cases(), SEEDS)
def test_order(student, case, seed):
    """Shuffling the queries shuffles the rows of scores, shuffling the keys their columns."""
    queries, keys, *weights = case
    generator = torch.Generator().manual_seed(seed)
    rows, columns = (torch.randperm(x.shape[1], generator=generator) for x in (queries, keys))
    shuffled = student.additive_scores(queries[:, rows], keys[:, columns], *weights)
    scores = student.additive_scores(*case)
    agree(shuffled, scores[:, rows][:, :, columns], within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_scores")
@given(cases(), SEEDS)
def test_numbering(student, case, seed):
    """Renumbering the hidden units changes nothing: they are summed."""
    units = torch.randperm(len(case.w_v), generator=torch.Generator().manual_seed(seed))
    renumbered = [weight[units] for weight in case[2:]]
    scores = student.additive_scores(*case)
    agree(student.additive_scores(*case[:2], *renumbered), scores, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_scores")
@given(cases())
def test_sign(student, case):
    """Flipping the sign of w_v, or of w_q and w_k together, flips the sign of the scores."""
    scores = student.additive_scores(*case)
    agree(student.additive_scores(*case._replace(w_v=-case.w_v)), -scores, within=ROUNDING)
    negated = case._replace(w_q=-case.w_q, w_k=-case.w_k)
    agree(student.additive_scores(*negated), -scores, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_scores")
@given(cases())
def test_deaf(student, case):
    """With w_q = 0 all queries score alike, with w_k = 0 all keys; with both, all scores are 0."""
    w_q, w_k = torch.zeros_like(case.w_q), torch.zeros_like(case.w_k)
    scores = student.additive_scores(*case._replace(w_q=w_q))
    agree(scores, scores[:, :1].expand_as(scores), within=ROUNDING)
    scores = student.additive_scores(*case._replace(w_k=w_k))
    agree(scores, scores[:, :, :1].expand_as(scores), within=ROUNDING)
    scores = student.additive_scores(*case._replace(w_q=w_q, w_k=w_k))
    agree(scores, torch.zeros_like(scores), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_scores")
@given(cases(scale=1e4))
def test_bounded(student, case):
    """However large query and key are, no score exceeds the sum of |w_v|."""
    scores = student.additive_scores(*case)
    bound = case.w_v.abs().sum() * (1 + ROUNDING)
    agree(scores, scores.clamp(-bound, bound), within=0)


test_magnitudes = laws.magnitudes(cases(), CALLS, points=5, needs=SCORES)
test_batch = laws.batch(cases(), CALLS, batched=("queries", "keys"), points=5, needs=SCORES)
test_precision = laws.precision(cases, CALLS, points=5, needs=SCORES)
test_gradients = laws.gradients(cases(), CALLS, points=5, needs=SCORES)
test_layout = laws.layout(cases(), CALLS, points=5, needs=SCORES)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=SCORES)
test_middle_sizes = laws.middle_sizes(cases.sized, CALLS, points=5, needs=SCORES)
test_speed = laws.speed(points=10)
