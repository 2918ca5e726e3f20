"""Exercise 29, one step of a decoder: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import SEEDS, sizes, tensors


class Case(NamedTuple):
    token: Tensor
    h: Tensor
    context: Tensor
    embedding: Tensor
    w_ih: Tensor
    w_hh: Tensor
    b_ih: Tensor
    b_hh: Tensor
    w_out: Tensor
    b_out: Tensor


@st.composite
def numbers(draw, length, count):
    """Whole numbers below `count`; the first and the last occur wherever there is room."""
    seed = draw(SEEDS)
    if seed == 0:
        return torch.zeros(length, dtype=torch.int64)
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randint(count, (length,), generator=generator)
    if length > 1:
        drawn[0], drawn[1] = 0, count - 1
    return drawn[torch.randperm(length, generator=generator)]


@st.composite
def cases(draw, dtype=torch.float64, scale=1.0):
    n, v, d, c, h = draw(sizes(5))
    shapes = [(n, h), (n, c), (v, d), (3 * h, d + c), (3 * h, h), (3 * h,), (3 * h,), (v, h), (v,)]
    token = draw(numbers(n, v))
    return Case(token, *(draw(tensors(shape, dtype, scale)) for shape in shapes))


CALLS = {"seq2seq_decode_step": tuple}
STEP = ("test_step",)


@pytest.mark.points(5)
@given(cases())
def test_sum(student, case):
    """The probabilities of all words, exp(log_probs), sum to one for each sample."""
    log_probs, _ = student.seq2seq_decode_step(*case)
    agree(log_probs.exp().sum(dim=1), torch.ones_like(log_probs[:, 0]), within=ROUNDING)


@pytest.mark.points(10)
@pytest.mark.needs("test_sum")
@given(cases())
def test_half_open(student, case):
    """With all of the GRU's parameters zero, h' = h / 2 and the scores are w_out h' + b_out."""
    zeros = [torch.zeros_like(parameter) for parameter in case[4:8]]
    half = case.h / 2
    log_probs = torch.log_softmax(half @ case.w_out.T + case.b_out, dim=1)
    result = student.seq2seq_decode_step(*case[:4], *zeros, *case[8:])
    agree(result, (log_probs, half), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_half_open")
@settings(max_examples=8)
@given(cases())
def test_columns(student, case):
    """The first D columns of w_ih read the word's vector, the others the context."""
    width = case.embedding.shape[1]
    word, context = case.w_ih.clone(), case.w_ih.clone()
    word[:, width:], context[:, :width] = 0, 0
    for one, other in (
        (case._replace(w_ih=word), {"context": 3 - case.context}),
        (case._replace(w_ih=context), {"embedding": 3 - case.embedding}),
    ):
        result = student.seq2seq_decode_step(*one)
        agree(student.seq2seq_decode_step(*one._replace(**other)), result, within=ROUNDING)


test_step = laws.reference(
    cases(),
    CALLS,
    points=5,
    needs=["test_columns"],
    title="The GRU reads [embedding(token); context], with its gates in torch's order r, z, n.",
)
test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"seq2seq_decode_step": lambda case: composed(*case)},
    points=5,
    needs=STEP,
    title="The step matches torch's own GRUCell, Linear and log_softmax in a row.",
)


def composed(token, h, context, embedding, w_ih, w_hh, b_ih, b_hh, w_out, b_out):
    x = torch.cat((torch.nn.functional.embedding(token, embedding), context), dim=1)
    h = torch.gru_cell(x, h, w_ih, w_hh, b_ih, b_hh)
    return torch.log_softmax(torch.nn.functional.linear(h, w_out, b_out), dim=1), h


@pytest.mark.points(5)
@pytest.mark.needs(*STEP)
@settings(max_examples=8)
@given(cases())
def test_shift(student, case):
    """Adding one constant to every score, through b_out, changes nothing."""
    expected = student.seq2seq_decode_step(*case)
    for constant in (-5.0, 1000.0):
        shifted = case._replace(b_out=case.b_out + constant)
        agree(student.seq2seq_decode_step(*shifted), expected, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*STEP)
@settings(max_examples=8)
@given(cases(), SEEDS)
def test_renumbered(student, case, seed):
    """Renumbering the words of the vocabulary only reorders the log-probabilities."""
    order = torch.randperm(len(case.embedding), generator=torch.Generator().manual_seed(seed))
    # Row `order[i]` moves to place i, and with it the word that it belongs to.
    renumbered = case._replace(
        token=order.argsort()[case.token],
        embedding=case.embedding[order],
        w_out=case.w_out[order],
        b_out=case.b_out[order],
    )
    log_probs, h = student.seq2seq_decode_step(*case)
    agree(student.seq2seq_decode_step(*renumbered), (log_probs[:, order], h), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs(*STEP)
@settings(max_examples=8)
@given(cases())
def test_state(student, case):
    """The output layer reads the state h' and does not change it."""
    other = case._replace(w_out=3 - case.w_out, b_out=-case.b_out)
    _, h = student.seq2seq_decode_step(*case)
    agree(student.seq2seq_decode_step(*other)[1], h, within=0)


test_unlikely = laws.magnitudes(
    cases(),
    CALLS,
    fields=("w_out", "b_out"),
    factor=1e4,
    points=5,
    needs=STEP,
    title="The log-probability of a very unlikely word is far below zero, but not -inf.",
)
test_large = laws.magnitudes(
    cases(), CALLS, fields=Case._fields[1:], points=5, needs=["test_unlikely"]
)
test_batch = laws.batch(cases(), CALLS, batched=("token", "h", "context"), points=5, needs=STEP)
test_precision = laws.precision(cases, CALLS, points=5, needs=STEP)
test_gradients = laws.gradients(cases(), CALLS, points=10, needs=STEP)
test_layout = laws.layout(cases(), CALLS, points=5, needs=STEP)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=STEP)


def large_cases(draw, n, v, d, c, h):
    shapes = (n, h), (n, c), (v, d), (3 * h, d + c), (3 * h, h), (3 * h,), (3 * h,), (v, h), (v,)
    return Case(draw.below(v, n), *(draw.tensor(*shape) for shape in shapes))


test_middle_sizes = laws.middle_sizes(large_cases, CALLS, points=5, needs=STEP)
test_speed = laws.speed(points=10)
