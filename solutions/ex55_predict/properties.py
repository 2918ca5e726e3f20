"""Exercise 55, let a language model write: what any right answer obeys.

The model is given, with weights that are drawn here, so large that what it says changes with all
that it has read. What is right is counted out here, one token at a time, with torch's own layers.
"""

from typing import NamedTuple

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.judge.compare import Mismatch, agree
from grader.judge.handles import given as lent
from grader.judge.laws_of_models import frozen, in_modes, left_as_it_was
from grader.judge.strategies import SEEDS, Draws
from grader.language import say
from grader.worker.invoke import NO_GRAD

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
LETTERS = "ab cdefghijklm"
NEXT = ("test_next",)
MANY = ("test_many",)
PARTS = ("rnn", "dropout", "linear")


class Case(NamedTuple):
    kind: str
    size: tuple[int, int, int]  # V, H, L
    weights: dict[str, torch.Tensor]
    vocab: dict[str, int]
    prefix: str


def case_of(kind, v, h, layers, length, seed, unknown=0, dtype=torch.float64):
    """A case of these sizes, drawn from a seed, with a prefix of some known tokens."""
    draw = Draws(seed, dtype)
    weights, width = {}, v
    for k in range(layers):
        shapes = {"weight_ih": (h, width), "weight_hh": (h, h), "bias_ih": (h,), "bias_hh": (h,)}
        for name, (first, *rest) in shapes.items():
            weights[f"rnn.{name}_l{k}"] = 3 * draw.tensor(GATES[kind] * first, *rest)
        width = h
    weights["linear.weight"], weights["linear.bias"] = 3 * draw.tensor(v, h), draw.tensor(v)
    weights = {name: value.round(decimals=2) for name, value in weights.items()}  # to be read
    tokens = list(LETTERS[: v - 1])
    tokens.insert(unknown % v, "<unk>")
    known = max(v - 1, 1)  # with "<unk>" alone, the prefix is of what it stands for
    prefix = "".join(LETTERS[int(each)] for each in draw.below(known, length))
    return Case(kind, (v, h, layers), weights, {t: n for n, t in enumerate(tokens)}, prefix)


@st.composite
def cases(draw, kinds=("GRU",), layers=1, least=1):
    """Cases of some kinds of layers."""
    v, h = draw(st.integers(5, 9)), draw(st.integers(6, 12))
    deep = draw(st.integers(1, layers))
    length = draw(st.integers(least, 6))
    unknown = draw(st.integers(0, v - 1))
    return case_of(draw(st.sampled_from(kinds)), v, h, deep, length, draw(SEEDS), unknown)


def model_of(case, kind="RNNModel"):
    """The model of a case, for either side; in eval mode."""
    made = getattr(lent, kind)(case.kind, *case.size).to(case.weights["linear.bias"].dtype)
    return made.load_state_dict(case.weights).eval()


def said(case, count, prefix=None):
    """What is right, token by token."""
    v, h, layers = case.size
    dtype = case.weights["linear.bias"].dtype
    rnn = getattr(torch.nn, case.kind)(v, h, layers).to(dtype)
    rnn.load_state_dict({name: case.weights[f"rnn.{name}"] for name in rnn.state_dict()})
    eye, tokens = torch.eye(v, dtype=dtype), list(case.vocab)
    prefix = case.prefix if prefix is None else prefix
    added, state, y = [], None, None
    with torch.no_grad():
        for token in prefix:
            index = case.vocab.get(token, case.vocab["<unk>"])
            y, state = rnn(eye[index].view(1, 1, v), state)
        for _ in range(count):
            scores = case.weights["linear.weight"] @ y.flatten() + case.weights["linear.bias"]
            added.append(int(scores.argmax()))
            y, state = rnn(eye[added[-1]].view(1, 1, v), state)
    return prefix + "".join(tokens[index] for index in added)


def hold(student, case, count, model=None):
    """Hold what the model goes on with."""
    model = model_of(case) if model is None else model
    agree(student.predict(case.prefix, count, model, case.vocab), said(case, count))


def lent_in(student, case, mode, others=()):
    """The model of a case in training mode or not, with some parts that are in the other."""
    return in_modes(model_of(case).of(student), mode, others)


def kept(model, case=None):
    """Holds that a model is left as it was: its modes, and with the case its parameters too."""
    weights = None if case is None else case.weights
    return left_as_it_was(model, PARTS, weights, dropout="dropout")


@pytest.mark.points(8)
@given(cases(), st.integers(0, 4))
def test_text(student, case, count):
    """It returns the prefix, followed by num_preds tokens of the vocabulary."""
    text = student.predict(case.prefix, count, model_of(case), case.vocab)
    if not text.startswith(case.prefix):
        message = say(
            "It returns {text}; the text begins with the prefix, {prefix}.",
            text=repr(text[:200]),
            prefix=repr(case.prefix),
        )
        raise Mismatch(message)
    added = text[len(case.prefix) :].replace("<unk>", "?")
    if len(added) != count or not set(added) <= {*case.vocab, "?"}:
        message = say(
            "Behind the prefix it returns {text}; that should be {count} tokens of the vocabulary.",
            text=repr(text[len(case.prefix) :][:200]),
            count=count,
        )
        raise Mismatch(message)


@pytest.mark.points(18)
@pytest.mark.needs("test_text")
@settings(max_examples=25)
@given(cases())
@example(case_of("GRU", 5, 6, 1, 2, 19))  # where every token of the prefix tells
def test_next(student, case):
    """The first token added is the likeliest one after the whole prefix."""
    hold(student, case, 1)


@pytest.mark.points(20)
@pytest.mark.needs(*NEXT)
@settings(max_examples=25)
@given(cases(), st.integers(2, 8))
def test_many(student, case, count):
    """Every token that is added is read before the next one is chosen."""
    hold(student, case, count)


@pytest.mark.points(8)
@pytest.mark.needs(*MANY)
@given(cases(tuple(GATES), 2), st.integers(1, 6))
@settings(max_examples=12)
def test_kinds(student, case, count):
    """It works with any state: of several layers, or the pair of an LSTM."""
    hold(student, case, count)


@pytest.mark.points(8)
@pytest.mark.needs(*MANY)
@given(cases(), st.integers(0, 4), st.integers(0, 6), st.sampled_from("?é字ABk"))
@settings(max_examples=12)
def test_unknown(student, case, count, place, unknown):
    """A character that the vocabulary lacks is read as "<unk>", and stays in the text as it is."""
    hold(student, case._replace(prefix=case.prefix[:place] + unknown + case.prefix[place:]), count)
    hold(student, case._replace(prefix=unknown), count)


@pytest.mark.points(10)
@pytest.mark.needs(*NEXT)
@given(cases(), st.integers(12, 16))  # so many that what is dropped always shows
@settings(max_examples=10)
def test_eval(student, case, count):
    """A model in training mode writes in eval mode: nothing is dropped."""
    hold(student, case, count, lent_in(student, case, True))


@pytest.mark.points(7)
@pytest.mark.needs("test_eval")
@given(cases(), st.booleans())
@settings(max_examples=6)
def test_mode(student, case, mode):
    """The model is then in the mode that it was in, training or not."""
    model = lent_in(student, case, mode)
    with kept(model):
        student.predict(case.prefix, 2, model, case.vocab)


@pytest.mark.points(5)
@pytest.mark.needs("test_mode")
@given(cases(), st.booleans(), st.sets(st.sampled_from(PARTS), min_size=1, max_size=2))
@settings(max_examples=8)
def test_parts(student, case, mode, others):
    """So is every part of it, where some are in another mode than the rest."""
    model = model_of(case).of(student)
    model.rnn.add_module("inner", student.given.torch.nn.Dropout(0.5))  # inside of a part
    in_modes(model, mode, sorted(others))
    with kept(model), left_as_it_was(model.rnn, ("inner",)):
        hold(student, case, 2, model)


@pytest.mark.points(4)
@pytest.mark.needs("test_mode")
@given(cases())
@settings(max_examples=4)
def test_raises(student, case):
    """Where the model raises an exception, that goes on, and the modes are as they were."""
    model = lent_in(student, case, True, ["rnn"])
    vocab = {**case.vocab, "!": case.size[0]}
    with kept(model, case):
        student.predict.raises(RuntimeError, f"{case.prefix}!", 2, model, vocab)
    # A part that cannot be called with one argument, and one without the weight that is asked for.
    spoilt = {"dropout": ("CosineSimilarity", TypeError), "linear": ("Identity", AttributeError)}
    for part, (kind, error) in spoilt.items():
        model = lent_in(student, case, True, ["rnn"])
        model.add_module(part, getattr(student.given.torch.nn, kind)())
        with left_as_it_was(model, PARTS):
            student.predict.raises(error, case.prefix, 2, model, case.vocab)


@pytest.mark.points(6)
@pytest.mark.needs(*NEXT)
@given(cases())
@settings(max_examples=4)
def test_no_gradients(student, case):
    """No gradients are recorded."""
    hold(student, case, 3, model_of(case, "ThriftyModel"))
    model = model_of(case).of(student)
    bias = model.get_parameter.held("linear.bias")
    bias.sum.held().backward()
    args = (case.prefix, 3, model, case.vocab)
    agree(student.predict.called(NO_GRAD, *args), said(case, 3))
    ones = torch.ones_like(case.weights["linear.bias"])
    try:
        agree(bias.grad, ones, within=0)
    except Mismatch:
        message = say("The model's gradients from before the call are not the same after it.")
        raise Mismatch(message) from None


@pytest.mark.points(4)
@pytest.mark.needs(*MANY)
@given(cases(), st.integers(1, 5), SEEDS)
@settings(max_examples=4)
def test_again(student, case, count, seed):
    """A second call begins anew, and a call leaves parameters and random numbers as they were."""
    model = model_of(case).of(student)
    frozen(model, ["rnn"])
    student.given.torch.manual_seed(seed)
    with kept(model, case):
        hold(student, case, count, model)
        hold(student, case._replace(prefix=case.prefix[::-1]), count + 1, model)
        hold(student, case, count, model)
    right = torch.rand(4, generator=torch.Generator().manual_seed(seed))
    if not torch.equal(student.given.torch.rand(4).cpu(), right):
        raise Mismatch(say("torch's random numbers are not the same after the call: draw none."))


@pytest.mark.points(2)
@pytest.mark.needs(*MANY)
def test_larger(student, seed):
    """It is also right for longer texts, deeper models, few tokens or many, and in float32."""
    for number, (kind, v, layers, length, count, dtype) in enumerate(
        [
            ("GRU", 9, 1, 60, 10, torch.float64),
            ("LSTM", 9, 1, 3, 40, torch.float64),
            ("RNN", 9, 1, 8, 3, torch.float32),
            ("GRU", 14, 3, 3, 3, torch.float64),
            ("GRU", 1, 1, 2, 2, torch.float64),
        ]
    ):
        hold(student, case_of(kind, v, 10, layers, length, seed + number, 2, dtype), count)
    hold(student, remembering(), 8)
    # Scores of which the exponential is infinite, and ">" as a token.
    case = case_of("GRU", 5, 8, 1, 4, 10)
    large = {name: 1e5 * case.weights[name] for name in ("linear.weight", "linear.bias")}
    hold(student, case._replace(weights=case.weights | large), 6)
    vocab = {token.replace("a", ">"): index for token, index in case.vocab.items()}
    hold(student, case._replace(vocab=vocab, prefix=case.prefix.replace("a", ">")), 9)


def remembering():
    """A long prefix, of which the model forgets nothing: its first 80 tokens tell."""
    case = case_of("LSTM", 9, 10, 1, 600, 4)
    bias = case.weights["rnn.bias_ih_l0"].clone()
    bias[10:20] = 40.0  # the forget gate
    return case._replace(weights=case.weights | {"rnn.bias_ih_l0": bias})
