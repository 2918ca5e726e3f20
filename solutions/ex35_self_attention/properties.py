"""Exercise 35, self-attention: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import SEEDS, Draws, cases_of
from grader.judge.student import OutOfPatience


class Case(NamedTuple):
    x: Tensor
    w_q: Tensor
    w_k: Tensor
    w_v: Tensor
    causal: bool = False


cases = cases_of(Case, lambda n, t, dx, d, dv: [(n, t, dx), (d, dx), (d, dx), (dv, dx)])
CALLS = {"self_attention": tuple}
BOTH = ("test_output", "test_causal")
CLOSE = 0.03  # of half precision, where whole numbers come out


LONG = 1030  # positions: more than the mask has that people make once for all
PATIENCE = 0.4  # the share of the time limit that they may take
# Scores so low that only -inf, or the lowest number, is still below; of the size's square.
LOW = {torch.float32: 1e17, torch.bfloat16: 1e17, torch.float16: 180.0}
# As many positions as bfloat16 cannot count, and others behind them.
MANY = (257, 43)


def low_case(dtype, size, counts=(1, 1)):
    """The first positions score themselves -size^2, and the last, which they may not see, 0."""
    x = torch.tensor([[[size, 1.0], [0.0, 3.0]]], dtype=dtype)
    x = x.repeat_interleave(torch.tensor(counts), dim=1)
    first, second = torch.eye(2, dtype=dtype).split(1)
    return Case(x, first, -first, second, True)


def causal_cases(**options):
    return cases(**options).map(lambda case: case._replace(causal=True))


def either(**options):
    return st.one_of(cases(**options), causal_cases(**options))


def torch_answer(case):
    x, *weights, causal = case
    return scaled_dot_product_attention(*(x @ w.T for w in weights), is_causal=causal)


test_output = laws.reference(
    cases(),
    CALLS,
    points=10,
    title=(
        "Queries, keys and values are projections of x; each query's softmax weighs the values."
    ),
)


@pytest.mark.points(5)
@given(cases())
def test_first(student, case):
    """With `causal`, the first position sees only itself: its output is its own value."""
    x, w_q, w_k, w_v, _ = case
    output = student.self_attention(x, w_q, w_k, w_v, causal=True)
    agree(output[:, 0], x[:, 0] @ w_v.T, within=ROUNDING)


test_causal = laws.reference(
    causal_cases(),
    CALLS,
    points=10,
    needs=["test_first"],
    title="With `causal`, each position attends to itself and to those before it only.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_causal")
@given(cases())
def test_hidden(student, case):
    """With `causal`, hidden keys get weight 0, however low the visible scores are."""
    x, w_q, _, w_v, _ = case
    # The first position scores itself -1e60 |q|^2 / sqrt(d).
    output = student.self_attention(x, w_q, -1e60 * w_q, w_v, causal=True)
    agree(output[:, 0], x[:, 0] @ w_v.T, within=ROUNDING)
    for dtype, size in LOW.items():
        right = torch.tensor([[[1.0], [2.0]]], dtype=dtype)
        agree(student.self_attention(*low_case(dtype, size)), right, within=CLOSE)
    many = low_case(torch.bfloat16, LOW[torch.bfloat16], MANY)
    output = student.self_attention(*many)[:, : MANY[0]]
    agree(output, torch.ones_like(output), within=CLOSE)


test_builtin = laws.builtin(
    either(),
    CALLS,
    {"self_attention": torch_answer},
    points=5,
    needs=BOTH,
    title="The output matches torch's own scaled_dot_product_attention, causal or not.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_output")
@given(cases(), SEEDS)
def test_shuffled(student, case, seed):
    """Without `causal`, shuffling the positions just shuffles the outputs."""
    x, *weights, _ = case
    order = torch.randperm(x.shape[1], generator=torch.Generator().manual_seed(seed))
    output = student.self_attention(x, *weights)
    agree(student.self_attention(x[:, order], *weights), output[:, order], within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_causal")
@given(cases(), SEEDS)
def test_future(student, case, seed):
    """With `causal`, changing later positions leaves earlier outputs as they were."""
    x, *weights, _ = case
    now = seed % x.shape[1]
    other = x.clone()
    other[:, now + 1 :] = 100 - 10 * x[:, now + 1 :]
    before = student.self_attention(x, *weights, causal=True)[:, : now + 1]
    after = student.self_attention(other, *weights, causal=True)[:, : now + 1]
    agree(after, before, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*BOTH)
@given(cases())
def test_last(student, case):
    """The last position sees all others: its output is the same, causal or not."""
    x, *weights, _ = case
    causal = student.self_attention(x, *weights, causal=True)
    agree(causal[:, -1], student.self_attention(x, *weights)[:, -1], within=ROUNDING)


def alike(case, size):
    """Positions all alike in each sample, and scores of that size."""
    return case._replace(x=case.x[:, :1].expand_as(case.x).clone(), w_q=size * case.w_q)


test_large_scores = laws.magnitudes(
    either(), CALLS, fields=("x", "w_q", "w_k", "w_v"), tied=alike, points=5, needs=BOTH
)
test_batch = laws.batch(either(), CALLS, batched=("x",), points=5, needs=BOTH)
test_precision = laws.precision(either, CALLS, points=5, needs=BOTH)
test_gradients = laws.gradients(either(), CALLS, points=8, needs=BOTH)
test_layout = laws.layout(either(), CALLS, points=5, needs=BOTH)
test_inputs = laws.inputs_unchanged(either(), CALLS, points=5, needs=BOTH)


def causal_or_not(draw, n, t, dx, d, dv):
    """The case of some sizes; `causal` with an even number of positions, or a great one."""
    return cases.sized(draw, n, t, dx, d, dv)._replace(causal=t % 2 == 0 or t > 178)


test_middle_sizes = laws.middle_sizes(causal_or_not, CALLS, most={"t": 600}, points=5, needs=BOTH)


@pytest.mark.points(2)
@pytest.mark.needs(*BOTH)
def test_long(student, reference, seed):
    """More than a thousand positions are masked as few are."""
    case = cases.sized(Draws(seed), 1, LONG, 1, 1, 1)._replace(causal=True)
    right = reference.self_attention(*case)
    try:
        with student.patience(PATIENCE):
            agree(student.self_attention(*case), right)
    except OutOfPatience:
        return  # too slow to be tried there, which the clock will say


test_speed = laws.speed(points=10)
