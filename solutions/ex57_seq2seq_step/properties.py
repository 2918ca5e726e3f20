"""Exercise 57, a training step of a translator: what any right answer obeys.

Encoder, decoder and optimizer are given, and begin with what the judge drew. The optimizer notes
what each step was made with and what came of it, which is held against the reference's.
"""

import math
from typing import NamedTuple

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor

from grader.judge.compare import Changed, Mismatch, Named, agree
from grader.judge.laws_of_models import hold_no_hooks, hold_training, in_modes
from grader.judge.laws_of_training import trajectory
from grader.judge.strategies import LAYOUTS, SEEDS, sizes
from grader.language import say
from grader.wire import mapped

ONE = ("test_one_step",)
CLOSE = 1e-5  # right answers may leave out the 1e-6 that is added to the norm
EXACT = 1e-9  # where nothing is clipped
FAR = 1e6  # a norm that no gradient reaches
SINGLE = 1e-3  # in float32, where the order of a sum already shows
BOS = 1
PARTS = {"encoder": ("embedding", "rnn"), "decoder": ("embedding", "rnn", "dense", "dropout")}

INNER = "inner"  # a part of the `rnn` of both

Batch = tuple[Tensor, Tensor, Tensor, Tensor]


class Case(NamedTuple):
    encoder: tuple[int, int, int, float]  # the arguments of either
    decoder: tuple[int, int, int, float]
    weights: tuple[dict[str, Tensor], dict[str, Tensor]]
    batches: list[Batch]
    max_norm: float
    lr: float = 0.5
    dtype: torch.dtype = torch.float64


def case_of(seed, sizes, count=1, max_norm=FAR, layers=1, p=0.0, padded=True, filled=False):
    """A case of sizes (N, S, T, V of the source, V of the target, H) and so many batches; behind
    the lengths stands 0, or where it is `filled` any token."""
    n, s, t, source, target, h = sizes
    generator = torch.Generator().manual_seed(seed)

    def tensor(*shape):
        made = torch.randn(shape, generator=generator, dtype=torch.float64)
        return made.round(decimals=2)

    def gru(width):
        found = {}
        for k in range(layers):
            found[f"rnn.weight_ih_l{k}"] = tensor(3 * h, h if k else width)
            found[f"rnn.weight_hh_l{k}"] = tensor(3 * h, h)
            found[f"rnn.bias_ih_l{k}"] = tensor(3 * h)
            found[f"rnn.bias_hh_l{k}"] = tensor(3 * h)
        return found

    reads = {"embedding.weight": tensor(source, h)} | gru(h)
    writes = {"embedding.weight": tensor(target, h)} | gru(2 * h)
    writes |= {"dense.weight": tensor(target, h), "dense.bias": tensor(target)}

    def text(vocabulary, length):
        tokens = torch.randint(vocabulary, (n, length), generator=generator)
        lengths = torch.randint(1, length + 1, (n,), generator=generator)
        if not padded:
            lengths = torch.full((n,), length)
        behind = torch.arange(length) >= lengths[:, None]
        return tokens if filled else tokens.masked_fill(behind, 0), lengths

    batches = [(*text(source, s), *text(target, t)) for _ in range(count)]
    made = (source, h, layers, p), (target, h, layers, p)
    return Case(*made, (reads, writes), batches, max_norm)


@st.composite
def cases(draw, most=1, least=1, norms=(FAR,), **options):
    """Cases of `least` to `most` steps."""
    n, s, t, v, h = draw(sizes(5))
    count = draw(st.integers(least, most))
    return case_of(
        draw(SEEDS), (n, s, t + 1, v + 3, v + 2, h), count, draw(st.sampled_from(norms)), **options
    )


def sure():
    """A case of two steps, whose decoder is sure of token 0: it is right, and then it is wrong."""
    case = case_of(0, (2, 2, 2, 3, 4, 2), 2)
    reads, writes = case.weights
    bias = torch.tensor([1e4, 0.0, 0.0, 0.0], dtype=torch.float64)
    batches = [
        (X, X_len, torch.full_like(Y, token), Y_len)
        for token, (X, X_len, Y, Y_len) in zip((0, 2), case.batches, strict=True)
    ]
    return case._replace(weights=(reads, writes | {"dense.bias": bias}), batches=batches)


def begun(owner, case, mode=True, others=None):
    """The owner's encoder, decoder and optimizer, with the weights of a case; in training mode or
    not, with some parts of both that are in the other, and then with a part inside of a part."""
    parts = []
    for name, made, weights in zip(
        ("Encoder", "Decoder"), (case.encoder, case.decoder), case.weights, strict=True
    ):
        part = getattr(owner.given, name)(*made).to(case.dtype)
        part.load_state_dict({each: value.to(case.dtype) for each, value in weights.items()})
        if others is not None:
            part.rnn.add_module(INNER, owner.given.torch.nn.Dropout(0.5))
        parts.append(in_modes(part, mode, others or ()))
    return (*parts, owner.given.Descent(*parts, case.lr))


def plain(value):
    """A value of either side, without its bounds."""
    return getattr(value, "form", value)


def hold(student, reference, case, *, modes=(True,), spoilt=None, left=False):
    """Hold every step; the student's encoder and decoder."""
    found = {}

    def run(owner):
        encoder, decoder, optimizer = begun(owner, case, *modes)
        found[owner is student] = encoder, decoder, optimizer
        for number, batch in enumerate(case.batches, 1):
            if spoilt is not None:
                optimizer.spoil(spoilt)
            value = owner.seq2seq_train_step(encoder, decoder, batch, optimizer, case.max_norm)
            if left:  # which nothing is held against: it tells who clips too late
                optimizer.left()
            hold_count(plain(optimizer.steps()), number)
            yield {"loss": plain(value)[0], **plain(optimizer.noted(number))}

    within = EXACT if case.max_norm == FAR else CLOSE
    if case.dtype == torch.float32:
        within = SINGLE
    trajectory(student, reference, run, within=within)
    # What the notes say is held against the parameters themselves.
    what = say("`{}` after the steps")
    for mine, right in zip(found[True][:2], found[False][:2], strict=True):
        after = dict(mine.state_dict()), dict(right.state_dict().form)
        agree(Named(what, after[0]), Named(what, after[1]), within=within)
    encoder, decoder, optimizer = found[True]
    (group,) = optimizer.param_groups
    if group["lr"] != case.lr:
        raise Mismatch(say("The call changes the optimizer's `param_groups`."))
    return encoder, decoder


def hold_count(found, due):
    """Hold how many steps were taken."""
    if found != due:
        raise Mismatch(
            say(
                "After {due} batches `optimizer.step` was called {found} times; it is called once"
                " for each.",
                found=found,
                due=due,
            )
        )


@pytest.mark.points(16)
@given(cases())
@settings(max_examples=15)
def test_one_step(student, reference, case):
    """One step: the loss with teacher forcing, its gradients, and where the parameters go."""
    hold(student, reference, case)


@pytest.mark.points(14)
@pytest.mark.needs(*ONE)
@given(cases(most=3, least=2))
@settings(max_examples=10)
def test_steps(student, reference, case):
    """Several steps: each is made with the gradients of its own batch alone."""
    hold(student, reference, case)


@pytest.mark.points(6)
@pytest.mark.needs(*ONE)
@given(cases())
@settings(max_examples=6)
def test_tokens(student, case):
    """The second result is how many tokens of the labels count."""
    encoder, decoder, optimizer = begun(student, case)
    (batch,) = case.batches
    _, tokens = student.seq2seq_train_step(encoder, decoder, batch, optimizer, case.max_norm)
    agree(tokens, int(batch[3].sum()))
    for part, weights in zip((encoder, decoder), case.weights, strict=True):
        hold_no_hooks((name, part.get_parameter.held(name)) for name in weights)


@pytest.mark.points(10)
@pytest.mark.needs(*ONE)
@given(cases(filled=True))
@settings(max_examples=8)
def test_padding(student, reference, case):
    """What stands behind the lengths, which may be any token, makes no difference."""
    hold(student, reference, case)


@pytest.mark.points(14)
@pytest.mark.needs(*ONE)
@given(cases(most=2, norms=(0.1, 0.4)))
@settings(max_examples=8)
def test_clipped(student, reference, case):
    """All gradients together, of both, are scaled where their norm is above max_norm."""
    hold(student, reference, case, left=True)


@pytest.mark.points(8)
@pytest.mark.needs(*ONE)
@given(cases(most=2, norms=(FAR, 0.4)))
@example(case_of(0, (2, 2, 2, 3, 3, 2))._replace(dtype=torch.float32))
@settings(max_examples=6)
def test_stale(student, reference, case):
    """Gradients that something has left before make no difference, nor does float32."""
    hold(student, reference, case, spoilt=0.75)


@pytest.mark.points(10)
@pytest.mark.needs(*ONE)
@given(cases(layers=2, p=1.0), st.booleans(), st.sampled_from([(), ("embedding",), ("rnn",)]))
@settings(max_examples=6)
def test_training_mode(student, reference, case, mode, others):
    """All of both is in training mode in the step and afterwards, however they came."""
    both = hold(student, reference, case, modes=(mode, others))
    for (name, parts), part in zip(PARTS.items(), both, strict=True):
        hold_training(part, parts, name)
        hold_training(part.rnn, (INNER,), f"{name}.rnn")
    # What init_state drops shows where there is one layer: what is below another is dropped too.
    case = case_of(2, (2, 2, 2, 4, 4, 3))
    hold(student, reference, case._replace(decoder=(*case.decoder[:3], 1.0)), modes=(False, ()))
    # Of one word: the loss is told by the gradient, whatever was dropped.
    case = case_of(1, (1, 3, 1, 4, 4, 6), layers=2, p=0.5)
    (batch,) = case.batches
    encoder, decoder, optimizer = begun(student, case)
    loss, _ = student.seq2seq_train_step(encoder, decoder, batch, optimizer, FAR)
    gradient = optimizer.noted(1)["gradients"]["decoder.dense.bias"]
    right = -math.log1p(gradient[int(batch[2])].item())
    agree(Named("{}", {say("the loss"): loss}), Named("{}", {say("the loss"): right}), within=CLOSE)


@pytest.mark.points(8)
@pytest.mark.needs(*ONE)
@given(cases())
@settings(max_examples=6)
def test_by_hand(student, reference, case):
    """The loss is what one gets who asks for each word by itself, and adds up what they cost."""
    (batch,) = case.batches
    X, X_len, Y, Y_len = batch
    parts = [
        reference.given_by(name)(*made).double()
        for name, made in (("Encoder", case.encoder), ("Decoder", case.decoder))
    ]
    for part, weights in zip(parts, case.weights, strict=True):
        part.load_state_dict(weights)
    reads, writes = parts
    loss = 0.0
    for n, length in enumerate(Y_len.tolist()):
        state = writes.init_state(reads(X[n : n + 1]), X_len[n : n + 1])
        before = BOS
        for t in range(length):
            scores, state = writes(torch.tensor([[before]]), state)
            before = int(Y[n, t])
            loss -= scores.log_softmax(-1)[0, 0, before].item() / Y.shape[1]
    encoder, decoder, optimizer = begun(student, case)
    mine, _ = student.seq2seq_train_step(encoder, decoder, batch, optimizer, case.max_norm)
    agree(Named("{}", {say("the loss"): mine}), Named("{}", {say("the loss"): loss}), within=CLOSE)


@pytest.mark.points(4)
@pytest.mark.needs(*ONE)
@given(cases(filled=True))
@settings(max_examples=4)
def test_batch_unchanged(student, case):
    """The batch is left as it is."""
    (batch,) = case.batches
    encoder, decoder, optimizer = begun(student, case)
    after = student.seq2seq_train_step.changes(encoder, decoder, batch, optimizer, case.max_norm)
    agree(after, Changed(after.names, [(each, None) for each in batch]), within=0)


@pytest.mark.points(10)
@pytest.mark.needs("test_steps", "test_clipped")
def test_larger(student, reference, seed):
    """It is also right for larger batches, a deeper model, without padding, and for one word."""
    hold(student, reference, case_of(seed, (21, 24, 22, 30, 20, 6), 1, 0.3, layers=3))
    case = case_of(seed + 1, (3, 4, 2, 5, 6, 3), 6, 0.5)
    hold(student, reference, case._replace(batches=mapped(LAYOUTS["transposed"], case.batches)))
    hold(student, reference, case_of(seed + 2, (3, 3, 3, 3, 3, 3), 2, 0.5, padded=False))
    hold(student, reference, case_of(seed + 3, (1, 1, 1, 2, 2, 1), 2, 0.5))
    # At a max_norm of 0 nothing is left, as clip_grad_norm_ does it; no word is too unlikely.
    hold(student, reference, case_of(seed + 4, (2, 2, 2, 3, 3, 2), 1, 0.0))
    hold(student, reference, sure())
