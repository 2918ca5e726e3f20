"""Exercise 54, one epoch of training: what any right answer obeys.

The model and the optimizer are given, and begin with what the judge drew. The optimizer notes what
each step was made with and what came of it, which is held against the reference's, step by step.
"""

from typing import Any, NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from grader.judge import handles
from grader.judge.compare import Mismatch, Named, agree
from grader.judge.laws_of_training import trajectory
from grader.judge.strategies import SEEDS, sizes
from grader.language import say
from grader.wire import Stream

ONE = ("test_one_batch",)
# Right answers may leave out the 1e-6 that is added to the norm.
CLOSE = 1e-5
EXACT = 1e-9  # where nothing is clipped
FAR = 1e6  # a norm that no gradient reaches
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


class Case(NamedTuple):
    made: tuple[int, int, str, int, float]  # the model's arguments
    weights: dict[str, Tensor]
    batches: list[tuple[Tensor, Tensor]]
    lr: float
    max_norm: float
    state: Any


def case_of(seed, made, n, lengths, lr=0.5, max_norm=FAR, state=False):
    """A case of these sizes, drawn from a seed: one batch of N rows for each length."""
    v, h, kind, layers, _ = made
    generator = torch.Generator().manual_seed(seed)

    def tensor(*shape):
        made = torch.randn(shape, generator=generator, dtype=torch.float64)
        return made.round(decimals=2)

    weights = {"embedding.weight": tensor(v, h)}
    for k in range(layers):
        for end, width in ((f"ih_l{k}", h), (f"hh_l{k}", h)):
            weights[f"rnn.weight_{end}"] = tensor(GATES[kind] * h, width)
        for end in (f"ih_l{k}", f"hh_l{k}"):
            weights[f"rnn.bias_{end}"] = tensor(GATES[kind] * h)
    weights |= {"linear.weight": tensor(v, h), "linear.bias": tensor(v)}
    text = torch.randint(v, (n, sum(lengths) + 1), generator=generator)
    batches, begin = [], 0
    for length in lengths:
        end = begin + length
        batches.append((text[:, begin:end].clone(), text[:, begin + 1 : end + 1].clone()))
        begin = end
    first = None
    if state:
        first = tensor(layers, n, h)
        first = (first, tensor(layers, n, h)) if kind == "LSTM" else first
    return Case(made, weights, batches, lr, max_norm, first)


@st.composite
def cases(draw, most=3, least=1, kinds=("RNN", "GRU"), norms=(FAR,), state=False, layers=1, p=0.0):
    """Cases of `least` to `most` batches, of the same length or not."""
    n, t, v, h = draw(sizes(4))
    count = draw(st.integers(least, most))
    lengths = [t] * count
    if draw(st.booleans()):
        lengths[-1] = t + 2
    made = (v + 1, h, draw(st.sampled_from(kinds)), layers, p)
    norm = draw(st.sampled_from(norms))
    return case_of(draw(SEEDS), made, n, lengths, 0.5, norm, state)


def begun(owner, case, mode=True):
    """The owner's model, with the weights of a case, and its optimizer."""
    model = owner.given.LanguageModel(*case.made).to(torch.float64)
    model.load_state_dict(case.weights)
    model.train(mode)
    return model, owner.given.Descent(model, case.lr)


def hold(student, reference, case, *, mode=True, spoilt=None, read_once=False, left=False):
    """Hold every step of an epoch, and its perplexity."""
    found = {}

    def run(owner):
        model, optimizer = begun(owner, case, mode)
        if spoilt is not None:
            optimizer.spoil(spoilt)
        batches = Stream(tuple(case.batches)) if read_once else case.batches
        options = {}
        if case.state is not None:
            options["state"] = handles.given.begun(case.state).of(owner)
        value = owner.train_epoch(model, batches, optimizer, case.max_norm, **options)
        found[owner is student] = model, value
        if left:  # which nothing is held against: it tells who clips too late from who does not
            optimizer.left()
        hold_count(optimizer.steps(), len(case.batches))
        for number in range(1, len(case.batches) + 1):
            yield optimizer.noted(number)

    within = EXACT if case.max_norm == FAR else CLOSE
    trajectory(student, reference, run, within=within)
    (mine, value), (right, due) = found[True], found[False]
    # What the notes say is held against the parameters themselves.
    what = say("`{}` after the epoch")
    after, truth = dict(mine.state_dict()), dict(right.state_dict().form)
    agree(Named(what, after), Named(what, truth), within=within)
    what = "{}"
    value, truth = ({say("the perplexity"): each} for each in (value, due.form))
    agree(Named(what, value), Named(what, truth), within=within * max(1.0, due.form))
    return mine


def hold_count(found, due):
    """Hold how many steps were taken."""
    found = getattr(found, "form", found)
    if found != due:
        raise Mismatch(
            say(
                "`optimizer.step` was called {found} times in an epoch of {due} batches; it is"
                " called once for each.",
                found=found,
                due=due,
            )
        )


@pytest.mark.points(14)
@given(cases(most=1))
@settings(max_examples=15)
def test_one_batch(student, reference, case):
    """One batch: the gradients of the mean loss, a step, and the perplexity."""
    hold(student, reference, case)


@pytest.mark.points(14)
@pytest.mark.needs(*ONE)
@given(cases(least=2))
@settings(max_examples=12)
def test_batches(student, reference, case):
    """Several batches: each step is made with the gradients of its own batch alone."""
    hold(student, reference, case)


@pytest.mark.points(8)
@pytest.mark.needs(*ONE)
@given(cases(kinds=("LSTM",)))
@settings(max_examples=6)
def test_lstm(student, reference, case):
    """It works where the state is a pair, too."""
    hold(student, reference, case)


@pytest.mark.points(8)
@pytest.mark.needs(*ONE)
@given(cases(kinds=tuple(GATES), state=True))
@settings(max_examples=8)
def test_state(student, reference, case):
    """Where a state is given, the first batch begins with it."""
    hold(student, reference, case)


@pytest.mark.points(14)
@pytest.mark.needs(*ONE)
@given(cases(norms=(0.1, 0.4)))
@settings(max_examples=10)
def test_clipped(student, reference, case):
    """Gradients whose norm is above max_norm are scaled, all alike, before the step."""
    hold(student, reference, case, left=True)


@pytest.mark.points(8)
@pytest.mark.needs("test_clipped")
@given(cases(most=2))
@settings(max_examples=6)
def test_around_the_norm(student, reference, case):
    """A norm a little below max_norm is left alone, and one a little above is scaled."""
    weights = grown(reference, case)
    for factor in (1.2, 0.8):
        hold(student, reference, case._replace(max_norm=factor * weights))


def grown(reference, case):
    """The norm of all gradients of the first batch."""
    model = reference.given_by("LanguageModel")(*case.made).double()
    model.load_state_dict(case.weights)
    loss_of(model, case.batches[0], None)[0].backward()
    return float(torch.cat([p.grad.flatten() for p in model.parameters()]).norm())


def loss_of(model, batch, state):
    """The mean over the tokens, each by itself, and the state."""
    X, Y = batch
    scores, state = model(X, model.begin_state(len(X)) if state is None else state)
    log_probs = scores.log_softmax(1).unflatten(0, X.T.shape)
    losses = [-log_probs[t, n, Y[n, t]] for n in range(X.shape[0]) for t in range(X.shape[1])]
    return torch.stack(losses).mean(), state


@pytest.mark.points(6)
@pytest.mark.needs(*ONE)
@given(cases(most=2, least=2, norms=(FAR, 0.3)))
@settings(max_examples=5)
def test_by_hand(student, reference, case):
    """The parameters are where the loop puts them that is written out with torch's own parts."""
    model = reference.given_by("LanguageModel")(*case.made).double()
    model.load_state_dict(case.weights)
    state = None
    for batch in case.batches:
        model.zero_grad()
        loss, state = loss_of(model, batch, None if state is None else state.detach())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), case.max_norm)
        with torch.no_grad():
            for p in model.parameters():
                p -= case.lr * p.grad
    mine, optimizer = begun(student, case)
    student.train_epoch(mine, case.batches, optimizer, case.max_norm)
    what = say("`{}` after the epoch")
    agree(Named(what, dict(mine.state_dict())), Named(what, dict(model.state_dict())), within=CLOSE)


@pytest.mark.points(7)
@pytest.mark.needs(*ONE)
@given(cases(most=2, norms=(FAR, 0.4)))
@settings(max_examples=6)
def test_stale(student, reference, case):
    """Gradients that something has left before make no difference."""
    hold(student, reference, case, spoilt=0.75)


@pytest.mark.points(9)
@pytest.mark.needs(*ONE)
@given(cases(most=2, layers=2, p=1.0), st.booleans())
@settings(max_examples=8)
def test_training_mode(student, reference, case, mode):
    """The model is in training mode while it learns and afterwards, however it came."""
    model = hold(student, reference, case, mode=mode)
    if not model.training:
        raise Mismatch(say("After the epoch the model is in `eval()`; it stays in training mode."))


@pytest.mark.points(6)
@pytest.mark.needs(*ONE)
@given(cases(most=3))
@settings(max_examples=5)
def test_generator(student, reference, case):
    """The batches may come from a generator, which can be read once."""
    hold(student, reference, case, read_once=True)


@pytest.mark.points(6)
@pytest.mark.needs("test_batches", "test_clipped")
def test_larger(student, reference, seed):
    """It is also right for more batches, longer ones, and a deeper model."""
    hold(student, reference, case_of(seed, (5, 3, "GRU", 1, 0.0), 2, [3] * 8, 0.2, 0.5))
    hold(student, reference, case_of(seed + 1, (30, 12, "LSTM", 2, 0.0), 6, [20, 7], 0.2, 0.3))
    hold(student, reference, case_of(seed + 2, (3, 3, "RNN", 1, 0.0), 3, [3, 3, 1], 0.2, 0.5))
    hold(student, reference, case_of(seed + 3, (2, 1, "GRU", 1, 0.0), 1, [1, 1], 0.2, 0.5))
