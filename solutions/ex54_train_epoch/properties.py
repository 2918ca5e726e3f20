"""Exercise 54, one epoch of training: what any right answer obeys.

The model and the optimizer are given, and begin with what the judge drew. The optimizer notes what
each step was made with and what came of it, which is held against the reference's, step by step.
"""

from typing import Any, NamedTuple

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor

from grader.judge import handles
from grader.judge.compare import Mismatch, Named, agree
from grader.judge.laws_of_models import hold_no_hooks, hold_training, in_modes
from grader.judge.laws_of_training import trajectory
from grader.judge.strategies import LAYOUTS, SEEDS, sizes
from grader.language import say
from grader.wire import Stream, mapped

ONE = ("test_one_batch",)
# Right answers may leave out the 1e-6 that is added to the norm.
CLOSE = 1e-5
EXACT = 1e-9  # where nothing is clipped
FAR = 1e6  # a norm that no gradient reaches
SINGLE = 1e-3  # in float32, where the order of a sum already shows
PARTS = ("embedding", "rnn", "linear")
INNER = "inner"  # a part of the model's `rnn`
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


class Case(NamedTuple):
    made: tuple[int, int, str, int, float]  # the model's arguments
    weights: dict[str, Tensor]
    batches: list[tuple[Tensor, Tensor]]
    lr: float
    max_norm: float
    state: Any
    dtype: torch.dtype = torch.float64
    epochs: int = 1  # over the same batches


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


def begun(owner, case, mode=True, others=None):
    """The owner's model, with the weights of a case, and its optimizer; in training mode or not,
    with some parts that are in the other, and then with a part inside of a part."""
    model = owner.given.LanguageModel(*case.made).to(case.dtype)
    model.load_state_dict({name: value.to(case.dtype) for name, value in case.weights.items()})
    if others is not None:
        model.rnn.add_module(INNER, owner.given.torch.nn.Dropout(0.5))
    in_modes(model, mode, others or ())
    return model, owner.given.Descent(model, case.lr)


def first_of(owner, state):
    """The state to begin with, which has a history to be cut off, as an argument; and its parts."""
    held = handles.given.begun(state).of(owner)
    pair = isinstance(state, tuple)
    parts = [(held.held_item(k), part) for k, part in enumerate(state)] if pair else [(held, state)]
    for part, _ in parts:
        part.requires_grad_.held()
    return held, parts


def hold_state(parts):
    """Hold that the state that was given is as it was, and that no gradient went into it."""
    for part, before in parts:
        try:
            agree(part.grad, None)
        except Mismatch:
            message = say("Gradients go back into the state that is given: cut that off, too.")
            raise Mismatch(message) from None
        what = say("{} after the call")
        agree(Named(what, {"state": part.detach()}), Named(what, {"state": before}), within=0)


def hold(student, reference, case, *, modes=(True,), spoilt=None, read_once=False, left=False):
    """Hold every step of the epochs, and each one's perplexity; the student's model."""
    found, parts = {}, {}

    def run(owner):
        model, optimizer = begun(owner, case, *modes)
        values = []
        found[owner is student] = model, values
        if spoilt is not None:
            optimizer.spoil(spoilt)
        batches = Stream(tuple(case.batches)) if read_once else case.batches
        options = {}
        if case.state is not None:
            options["state"], parts[owner is student] = first_of(owner, case.state)
        count = len(case.batches)
        for begin in range(0, case.epochs * count, count):
            value = owner.train_epoch(model, batches, optimizer, case.max_norm, **options)
            values.append(value)
            if left:  # which nothing is held against: it tells who clips too late
                optimizer.left()
            hold_count(optimizer.steps(), begin, count)
            for number in range(begin + 1, begin + count + 1):
                yield optimizer.noted(number)

    within = EXACT if case.max_norm == FAR else CLOSE
    if case.dtype == torch.float32:
        within = SINGLE
    trajectory(student, reference, run, within=within)
    (mine, values), (right, dues) = found[True], found[False]
    hold_state(parts.get(True, ()))
    # What the notes say is held against the parameters themselves.
    what = say("`{}` after the epoch")
    after, truth = dict(mine.state_dict()), dict(right.state_dict().form)
    agree(Named(what, after), Named(what, truth), within=within)
    for value, due in zip(values, dues, strict=True):
        named = [Named("{}", {say("the perplexity"): each}) for each in (value, due.form)]
        agree(*named, within=within * max(1.0, due.form))
    return mine


def hold_count(found, before, due):
    """Hold how many steps were taken, after those of an epoch before."""
    found = getattr(found, "form", found) - before
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
    hold_no_hooks((name, mine.get_parameter.held(name)) for name in case.weights)
    rates = {"lr": optimizer.lr, 'param_groups[0]["lr"]': optimizer.param_groups[0]["lr"]}
    what = say("the optimizer's `{}` after the epoch")
    agree(Named(what, rates), Named(what, dict.fromkeys(rates, case.lr)), within=0)


@pytest.mark.points(7)
@pytest.mark.needs(*ONE)
@given(cases(most=2, norms=(FAR, 0.4)))
@example(case_of(0, (4, 2, "RNN", 1, 0.0), 2, [2])._replace(dtype=torch.float32))
@settings(max_examples=6)
def test_stale(student, reference, case):
    """Gradients that something has left before make no difference, nor does float32."""
    hold(student, reference, case, spoilt=0.75)


@pytest.mark.points(9)
@pytest.mark.needs(*ONE)
@given(cases(most=2, layers=2, p=1.0), st.booleans(), st.sampled_from([(), PARTS[:1], PARTS[1:]]))
@settings(max_examples=8)
def test_training_mode(student, reference, case, mode, others):
    """All of the model is in training mode while it learns and afterwards, however it came."""
    model = hold(student, reference, case, modes=(mode, others))
    hold_training(model, PARTS)
    hold_training(model.rnn, (INNER,), "model.rnn")
    # Of one token: the loss is told by the gradient, whatever was dropped.
    case = case_of(1, (4, 6, "GRU", 2, 0.5), 1, [1])
    model, optimizer = begun(student, case)
    found = student.train_epoch(model, case.batches, optimizer, FAR)
    gradient = optimizer.noted(1)["gradients"]["linear.bias"]
    right = 1 / (1 + float(gradient[int(case.batches[0][1])]))
    named = [Named("{}", {say("the perplexity"): each}) for each in (found, right)]
    agree(*named, within=CLOSE * right)


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
    """It is also right for many and large batches, deeper models, and a second epoch."""
    hold(student, reference, case_of(seed, (5, 3, "GRU", 1, 0.0), 2, [2] * 11, 0.2, 0.5))
    hold(student, reference, case_of(seed + 1, (30, 12, "LSTM", 2, 0.0), 21, [21, 3], 0.2, 0.3))
    case = case_of(seed + 2, (3, 3, "RNN", 1, 0.0), 3, [3, 3, 1], 0.2, 0.5)
    hold(student, reference, case._replace(batches=mapped(LAYOUTS["transposed"], case.batches)))
    hold(student, reference, case_of(seed + 3, (2, 1, "GRU", 1, 0.0), 1, [1, 1], 0.2, 0.5))
    again = case_of(seed + 4, (4, 2, "RNN", 1, 0.0), 2, [2], 0.2)
    hold(student, reference, again._replace(epochs=2))
    hold(student, reference, again._replace(max_norm=0.0))
    # Token 0 is all but certain, and never comes: the loss is about 200.
    biased = again.weights | {"linear.bias": torch.tensor([200.0, 0, 0, 0], dtype=torch.float64)}
    never = [(X, Y.clamp(min=1)) for X, Y in again.batches]
    hold(student, reference, again._replace(weights=biased, batches=never))
