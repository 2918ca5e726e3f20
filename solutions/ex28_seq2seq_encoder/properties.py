"""Exercise 28, an encoder for sequences: what any right answer obeys."""

from math import prod
from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from grader.judge import laws
from grader.judge.compare import ROUNDING, Named, agree
from grader.judge.strategies import SEEDS, sizes, tensors
from grader.language import say


class Case(NamedTuple):
    tokens: Tensor
    embedding: Tensor
    w_ih: Tensor
    w_hh: Tensor
    b_ih: Tensor
    b_hh: Tensor


@st.composite
def numbers(draw, shape, count):
    """Whole numbers below `count`; the first and the last occur wherever there is room."""
    seed = draw(SEEDS)
    if seed == 0:
        return torch.zeros(shape, dtype=torch.int64)
    generator = torch.Generator().manual_seed(seed)
    flat = torch.randint(count, (prod(shape),), generator=generator)
    if len(flat) > 1:
        flat[0], flat[1] = 0, count - 1
    return flat[torch.randperm(len(flat), generator=generator)].reshape(shape)


@st.composite
def cases(draw, dtype=torch.float64, scale=1.0, steps=None):
    """Cases with, if given, so many steps."""
    n, t, v, d, h = draw(sizes(5))
    shapes = [(v, d), (3 * h, d), (3 * h, h), (3 * h,), (3 * h,)]
    tokens = draw(numbers((steps or t, n), v))
    return Case(tokens, *(draw(tensors(shape, dtype, scale)) for shape in shapes))


CALLS = {"seq2seq_encode": tuple}
SEQUENCE = ("test_sequence",)


@pytest.mark.points(10)
@given(cases())
def test_lookup(student, case):
    """With gates of 1/2 and n = tanh(x), each state is halfway between n and the state before."""
    tokens, embedding = case[:2]
    size = embedding.shape[1]
    zeros, bias = embedding.new_zeros(2 * size, size), embedding.new_zeros(3 * size)
    identity = torch.eye(size, dtype=embedding.dtype)
    w_ih, w_hh = torch.cat((zeros, identity)), torch.cat((zeros, 0 * identity))
    h, states = 0, []
    for t in range(len(tokens)):
        h = (torch.tanh(embedding[tokens[t]]) + h) / 2
        states.append(h)
    result = student.seq2seq_encode(tokens, embedding, w_ih, w_hh, bias, bias)
    agree(result, (torch.stack(states), h))


test_sequence = laws.reference(
    cases(),
    CALLS,
    points=10,
    needs=["test_lookup"],
    title="The GRU reads the words' vectors in order; the context is its last state.",
)
test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"seq2seq_encode": lambda case: embedded_gru(*case)},
    points=5,
    needs=SEQUENCE,
    title="The result matches torch's own Embedding followed by its GRU.",
)


def embedded_gru(tokens, embedding, *parameters):
    x = torch.nn.functional.embedding(tokens, embedding)
    h0 = x.new_zeros(1, x.shape[1], parameters[1].shape[1])
    outputs, h_n = torch.gru(x, h0, parameters, True, 1, 0.0, False, False, False)
    return outputs, h_n[0]


@pytest.mark.points(5)
@pytest.mark.needs(*SEQUENCE)
@settings(max_examples=10)
@given(cases())
def test_causal(student, case):
    """Later words do not change earlier outputs at all."""
    tokens, embedding = case[:2]
    outputs, _ = student.seq2seq_encode(*case)
    for t in range(1, len(tokens)):
        other = torch.cat((tokens[:t], (tokens[t:] + 1) % len(embedding)))
        later, _ = student.seq2seq_encode(other, *case[1:])
        agree(later[:t], outputs[:t], within=0)


@pytest.mark.points(5)
@pytest.mark.needs(*SEQUENCE)
@settings(max_examples=10)
@given(cases())
def test_shorter(student, case):
    """A sentence cut short gives the same outputs up to there; the last is its context."""
    outputs, _ = student.seq2seq_encode(*case)
    for t in range(1, len(case.tokens)):
        shorter = student.seq2seq_encode(case.tokens[:t], *case[1:])
        agree(shorter, (outputs[:t], outputs[t - 1]), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*SEQUENCE)
@given(cases(), SEEDS)
def test_renumbered(student, case, seed):
    """Renumbering the words of the vocabulary changes nothing."""
    order = torch.randperm(len(case.embedding), generator=torch.Generator().manual_seed(seed))
    # Row `order[i]` moves to place i, and with it the word that it belongs to.
    tokens, embedding = order.argsort()[case.tokens], case.embedding[order]
    renumbered = student.seq2seq_encode(tokens, embedding, *case[2:])
    agree(renumbered, student.seq2seq_encode(*case), within=ROUNDING)


test_large = laws.magnitudes(cases(), CALLS, fields=Case._fields[1:], points=5, needs=SEQUENCE)
test_batch = laws.batch(
    cases(),
    CALLS,
    batched={"tokens": 1},
    results={"seq2seq_encode": (1, 0)},
    points=5,
    needs=SEQUENCE,
)
test_precision = laws.precision(cases, CALLS, points=10, needs=SEQUENCE)
# A gradient that is cut off somewhere shows in long sentences only.
test_gradients = laws.gradients(
    cases() | cases(steps=9),
    CALLS,
    points=10,
    needs=SEQUENCE,
    title="Gradients reach every parameter, and a row that is read twice gets both of its own.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_gradients")
@settings(max_examples=10)
@given(cases(), SEEDS)
def test_unused(student, case, seed):
    """The row of a word that does not occur changes nothing, and its gradient is exactly 0."""
    unused = torch.full_like(case.embedding[:1], 1000.0)
    embedding = torch.cat((unused, case.embedding, -unused))
    more = case._replace(tokens=case.tokens + 1, embedding=embedding)
    agree(student.seq2seq_encode(*more), student.seq2seq_encode(*case), within=ROUNDING)
    gradient = student.seq2seq_encode.gradients(*more, seed=seed)["embedding"]
    right = gradient.clone()
    right[[0, -1]] = 0
    what = say("the gradient of `{}`")
    agree(Named(what, {"embedding": gradient}), Named(what, {"embedding": right}), within=0)


test_layout = laws.layout(cases(), CALLS, points=5, needs=SEQUENCE)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=SEQUENCE)


def large_cases(draw, t, n, v, d, h):
    shapes = (v, d), (3 * h, d), (3 * h, h), (3 * h,), (3 * h,)
    return Case(draw.below(v, t, n), *(draw.tensor(*shape) for shape in shapes))


test_middle_sizes = laws.middle_sizes(large_cases, CALLS, most={"t": 150}, points=5, needs=SEQUENCE)
test_speed = laws.speed(points=10)
