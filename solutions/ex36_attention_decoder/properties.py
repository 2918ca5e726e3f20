"""Exercise 36, a decoder that attends: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import SEEDS, cases_of


class Case(NamedTuple):
    token: Tensor
    h: Tensor
    enc_outputs: Tensor
    enc_valid_len: Tensor
    embedding: Tensor
    w_q: Tensor
    w_k: Tensor
    w_v: Tensor
    w_ih: Tensor
    w_hh: Tensor
    b_ih: Tensor
    b_hh: Tensor


# Sizes: samples, positions, state, hidden layer of the scores, embedding, vocabulary.
floating = cases_of(
    Case,
    lambda n, tk, h, a, e, v: [
        *[(n,), (n, h), (n, tk, h), (n,), (v, e)],
        *[(a, h), (a, h), (a,)],
        *[(3 * h, h + e), (3 * h, h), (3 * h,), (3 * h,)],
    ],
)


@st.composite
def cases(draw, dtype=torch.float64):
    """Tokens of the vocabulary and lengths from 1 to Tk; they shrink to tokens 0, all valid."""
    case = draw(floating(dtype=dtype))
    n, tk, _ = case.enc_outputs.shape
    seed = draw(SEEDS)
    if seed == 0:
        tokens, padded = torch.zeros(2, n, dtype=torch.int64)
    else:
        generator = torch.Generator().manual_seed(seed)
        tokens = torch.randint(len(case.embedding), (n,), generator=generator)
        padded = torch.randint(tk, (n,), generator=generator)
    return case._replace(token=tokens, enc_valid_len=tk - padded)


CALLS = {"attention_decode_step": tuple}
STEP = ("test_weights", "test_step")


# Scores so low that only -inf, or the lowest number, is still below.
LOW = {torch.float32: -1e34, torch.bfloat16: -1e34, torch.float16: -3e4}
# Valid outputs of the encoder, the last of which has a higher score than the others, and padding,
# which has the highest. One that is valid; and as many as bfloat16 cannot count.
FEW, MANY = (0, 1, 1), (256, 1, 43)


def low_case(dtype, score, counts=FEW):
    """This score, nine tenths of it and, for the padding, 0: so many of each."""
    counts, zero = torch.tensor(counts), torch.zeros(1, 1, dtype=dtype)
    inputs = torch.tensor([[[1.0], [0.05], [0.0]]], dtype=dtype).repeat_interleave(counts, dim=1)
    keys, scores = zero + 30, zero[0] + score  # tanh(30) is 1, tanh(1.5) about 0.9
    gates = torch.zeros(3, 2, dtype=dtype), torch.zeros(3, 1, dtype=dtype)
    biases = torch.zeros(2, 3, dtype=dtype)
    token = torch.tensor([0])
    valid = counts[:2].sum(0, keepdim=True)
    return Case(token, zero, inputs, valid, zero, zero, keys, scores, *gates, *biases)


def padding(case):
    """Where enc_outputs (N, Tk, H) is padding, (N, Tk)."""
    return torch.arange(case.enc_outputs.shape[1]) >= case.enc_valid_len[:, None]


def attended(case):
    """The weights and the context, one sample at a time, of what is valid and nothing else."""
    weights = torch.zeros(case.enc_outputs.shape[:2], dtype=case.h.dtype)
    contexts = torch.zeros_like(case.h)
    for n, length in enumerate(case.enc_valid_len.tolist()):
        valid = case.enc_outputs[n, :length]
        inner = torch.cat((case.h[n].expand_as(valid), valid), dim=1)
        scores = torch.tanh(inner @ torch.cat((case.w_q, case.w_k), dim=1).T).mv(case.w_v)
        exponentials = torch.exp(scores - scores.max())
        weights[n, :length] = exponentials / exponentials.sum()
        contexts[n] = (weights[n, :length, None] * valid).sum(0)
    return weights, contexts


def composed(case):
    """The step made of `attended` and torch's own GRU cell."""
    weights, contexts = attended(case)
    inputs = torch.cat((contexts, case.embedding[case.token]), dim=1)
    return torch.gru_cell(inputs, case.h, *case[8:]), weights


@pytest.mark.points(10)
@given(cases())
def test_weights(student, case):
    """The weights are a softmax of the additive scores over the valid part of each source."""
    _, weights = student.attention_decode_step(*case)
    agree(weights, attended(case)[0], within=ROUNDING)


test_step = laws.reference(
    cases(),
    CALLS,
    points=10,
    needs=["test_weights"],
    title="The new state is a GRU step on the context and the token's embedding, in this order.",
)
test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"attention_decode_step": composed},
    points=5,
    needs=STEP,
    title="Given the context, the step matches torch's own GRUCell.",
)


@pytest.mark.points(10)
@pytest.mark.needs(*STEP)
@laws.FEW
@given(cases())
def test_padding(student, case):
    """The padding has weight exactly 0, and what stands there changes nothing, however large."""
    padded = padding(case)
    state, weights = student.attention_decode_step(*case)
    agree(weights * padded, torch.zeros_like(weights), within=0)
    agree(weights.sum(-1), torch.ones_like(weights[:, 0]), within=ROUNDING)
    for filler in (-1e6, 1e6):
        filled = case.enc_outputs.masked_fill(padded[..., None], filler)
        again = student.attention_decode_step(*case._replace(enc_outputs=filled))
        agree(again, (state, weights), within=ROUNDING)
    for dtype, score in LOW.items():
        _, weights = student.attention_decode_step(*low_case(dtype, score))
        agree(weights, torch.tensor([[1.0, 0.0]], dtype=dtype), within=0)
    many = low_case(torch.bfloat16, LOW[torch.bfloat16], MANY)
    _, weights = student.attention_decode_step(*many)
    agree(weights, torch.arange(300)[None].eq(256).bfloat16(), within=0)


@pytest.mark.points(5)
@pytest.mark.needs(*STEP)
@laws.FEW
@given(cases(), SEEDS)
def test_order(student, case, seed):
    """Shuffling the valid outputs of a source shuffles its weights, and leaves the state alone."""
    generator = torch.Generator().manual_seed(seed)
    order = torch.arange(case.enc_outputs.shape[1]).repeat(len(case.h), 1)
    for n, length in enumerate(case.enc_valid_len.tolist()):
        order[n, :length] = torch.randperm(length, generator=generator)
    shuffled = case.enc_outputs.take_along_dim(order[..., None], dim=1)
    state, weights = student.attention_decode_step(*case)
    again = student.attention_decode_step(*case._replace(enc_outputs=shuffled))
    agree(again, (state, weights.take_along_dim(order, dim=1)), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*STEP)
@laws.FEW
@given(cases())
def test_single(student, case):
    """With one valid output, its weight is 1 and it is the context, whatever the state."""
    ones = torch.ones_like(case.enc_valid_len)
    state, weights = student.attention_decode_step(*case._replace(enc_valid_len=ones))
    inputs = torch.cat((case.enc_outputs[:, 0], case.embedding[case.token]), dim=1)
    only = torch.zeros_like(weights)
    only[:, 0] = 1
    agree((state, weights), (torch.gru_cell(inputs, case.h, *case[8:]), only), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*STEP)
@laws.FEW
@given(cases())
def test_vocabulary(student, case):
    """Other tokens' embeddings do not matter, and the weights do not depend on the token."""
    step = student.attention_decode_step(*case)
    others = torch.ones(len(case.embedding), dtype=torch.bool)
    others[case.token] = False
    embedding = case.embedding.masked_fill(others[:, None], 1e6)
    agree(student.attention_decode_step(*case._replace(embedding=embedding)), step, within=ROUNDING)
    token = (case.token + 1) % len(case.embedding)
    _, weights = student.attention_decode_step(*case._replace(token=token))
    agree(weights, step[1], within=ROUNDING)


test_magnitudes = laws.magnitudes(
    cases(),
    CALLS,
    fields=("h", "enc_outputs", "embedding", "w_q", "w_v", "w_ih"),
    points=5,
    needs=STEP,
)
test_batch = laws.batch(
    cases(),
    CALLS,
    batched=("token", "h", "enc_outputs", "enc_valid_len"),
    points=5,
    needs=STEP,
)
test_precision = laws.precision(cases, CALLS, points=5, needs=STEP)
test_gradients = laws.gradients(cases(), CALLS, points=5, needs=STEP)


@pytest.mark.points(5)
@pytest.mark.needs("test_gradients")
@laws.FEW
@given(cases(), SEEDS)
def test_padding_gradient(student, case, seed):
    """No gradient reaches the padding; none depends on it, however large it is."""
    padded = padding(case)[..., None]
    gradients = student.attention_decode_step.gradients(*case, seed=seed)
    at_padding = gradients["enc_outputs"] * padded
    agree(at_padding, torch.zeros_like(at_padding), within=0)
    filled = case._replace(enc_outputs=case.enc_outputs.masked_fill(padded, 1e6))
    agree(student.attention_decode_step.gradients(*filled, seed=seed), gradients, within=1e-8)


test_layout = laws.layout(cases(), CALLS, points=5, needs=STEP)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=STEP)


def large_cases(draw, n, tk, h, a, e, v):
    case = floating.sized(draw, n, tk, h, a, e, v)
    return case._replace(token=draw.below(v, n), enc_valid_len=1 + draw.below(tk, n))


test_middle_sizes = laws.middle_sizes(large_cases, CALLS, points=5, needs=STEP)
test_speed = laws.speed(points=10)
