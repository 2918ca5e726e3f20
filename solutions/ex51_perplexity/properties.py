"""Exercise 51, perplexity: what any right answer obeys.

The model is given, with weights that are drawn here; whatever its modes and its parameters are
afterwards is asked of the very model that was handed over.
"""

import math
from typing import Any, NamedTuple

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.judge.compare import Mismatch, agree
from grader.judge.handles import given as lent
from grader.judge.laws_of_models import frozen, in_modes, left_as_it_was
from grader.judge.strategies import LAYOUTS, SEEDS, Draws, sizes
from grader.judge.ways import said_with
from grader.language import say
from grader.wire import Stream, mapped
from grader.worker.invoke import NO_GRAD

ONE = ("test_one_batch",)
# Relative to the perplexity: costs may be added up in float32, whatever the model computes in.
CLOSE = {torch.float64: 1e-5, torch.float32: 1e-4}
PARTS = ("embedding", "dropout", "rnn", "linear")


class Case(NamedTuple):
    size: tuple[int, int, int]  # V, H, and the number of layers
    weights: dict[str, torch.Tensor]
    batches: list[Any]


def weights_of(v, h, layers, draw):
    """Weights that make some tokens likelier than others, in every position."""
    shapes = {"embedding.weight": (v, h)}
    for k in range(layers):
        shapes |= {f"rnn.weight_ih_l{k}": (3 * h, h), f"rnn.weight_hh_l{k}": (3 * h, h)}
        shapes |= {f"rnn.bias_ih_l{k}": (3 * h,), f"rnn.bias_hh_l{k}": (3 * h,)}
    shapes |= {"linear.weight": (v, h), "linear.bias": (v,)}
    return {name: (2 * draw.tensor(*shape)).round(decimals=2) for name, shape in shapes.items()}


def case_of(v, h, forms, seed, dtype=torch.float64, layers=1):
    """A case of batches of these forms, drawn from a seed."""
    draw = Draws(seed, dtype)
    weights = weights_of(v, h, layers, draw)
    batches = [(draw.below(v, *form), draw.below(v, *form)) for form in forms]
    return Case((v, h, layers), weights, batches)


@st.composite
def cases(draw, least=1, most=1, dtype=torch.float64):
    """Cases of some batches, of which no two have as many tokens."""
    v, h, *rest = draw(sizes(2 + 2 * most))
    count = draw(st.integers(least, most))
    forms = list(zip(rest[::2], rest[1::2], strict=True))[:count]
    # The last one is a row, as what is left of a text is.
    if count > 1:
        forms[-1] = (1, 2 * forms[-1][1] + 7)
    return case_of(v, h, forms, draw(SEEDS), dtype)


def model_of(case, kind="LanguageModel"):
    """The model of a case, for either side; in eval mode."""
    made = getattr(lent, kind)(*case.size).to(case.weights["linear.bias"].dtype)
    return made.load_state_dict(case.weights).eval()


def hold(student, reference, case, batches=None):
    """Hold the perplexity of a model that is in eval mode."""
    batches = case.batches if batches is None else batches
    model = model_of(case)
    right = reference.perplexity(model, case.batches)
    close(student.perplexity(model, batches), right.form, case.weights["linear.bias"].dtype)


def close(actual, right, dtype=torch.float64):
    """Hold a perplexity against the right one."""
    agree(actual, right, within=CLOSE[dtype] * right)


def lent_in(student, case, mode, others=()):
    """The model of a case in training mode or not, with some parts that are in the other."""
    return in_modes(model_of(case).of(student), mode, others)


def kept(model, case=None):
    """Holds that a model is left as it was: its modes, and with the case its parameters too."""
    weights = None if case is None else case.weights
    return left_as_it_was(model, PARTS, weights, dropout="dropout")


def nested_in(owner, inner, mode):
    """A model around another: then comes a part in the other mode, which has that one's dropout
    too, and something else that draws in training. The whole, and that part."""
    layers = owner.given.torch.nn
    tail = layers.Sequential(inner.dropout, layers.RReLU(0.1, 0.9))
    whole = layers.Sequential(inner, tail)
    whole.train(mode)
    tail.train(not mode)
    return whole, tail


@pytest.mark.points(10)
@given(sizes(2), st.integers(1, 3), SEEDS)
def test_uniform(student, size, count, seed):
    """A model that gives every token the same score has the perplexity V."""
    case = case_of(*size, [(count, 2), (1, 3)], seed)
    zeros = {name: torch.zeros_like(value) for name, value in case.weights.items()}
    close(student.perplexity(model_of(case._replace(weights=zeros)), case.batches), float(size[0]))


@pytest.mark.points(15)
@given(cases())
def test_one_batch(student, reference, case):
    """For one batch it is exp of the mean of -log p of the tokens in Y."""
    hold(student, reference, case)


@pytest.mark.points(20)
@pytest.mark.needs(*ONE)
@given(
    st.sampled_from((torch.float64, torch.float32)).flatmap(lambda dtype: cases(2, 3, dtype=dtype))
)
def test_sizes(student, reference, case):
    """Of batches that differ in size, every token counts alike."""
    hold(student, reference, case)


@pytest.mark.points(15)
@pytest.mark.needs(*ONE)
@given(cases(1, 2))
@settings(max_examples=10)
def test_eval(student, reference, case):
    """A model in training mode is judged in eval mode: nothing is dropped."""
    model = lent_in(student, case, True)
    right = reference.perplexity(model_of(case), case.batches)
    close(student.perplexity(model, case.batches), right.form)


@pytest.mark.points(10)
@pytest.mark.needs("test_eval")
@given(cases(), st.booleans())
@settings(max_examples=6)
def test_mode(student, case, mode):
    """The model is then in the mode that it was in, training or not."""
    model = lent_in(student, case, mode)
    with kept(model):
        student.perplexity(model, case.batches)


@pytest.mark.points(6)
@pytest.mark.needs("test_mode")
@given(cases(), st.booleans(), st.sets(st.sampled_from(PARTS), min_size=1, max_size=3))
@settings(max_examples=8)
def test_parts(student, reference, case, mode, others):
    """So is every part of it, where some are in another mode than the rest."""
    model = lent_in(student, case, mode, sorted(others))
    right = reference.perplexity(model_of(case), case.batches)
    with kept(model):
        close(student.perplexity(model, case.batches), right.form)
    right = reference.perplexity(
        nested_in(reference, model_of(case).of(reference), mode)[0], case.batches
    )
    whole, tail = nested_in(student, model, mode)
    in_modes(model, mode, sorted(others))
    with kept(model), left_as_it_was(whole, ("0", "1")), left_as_it_was(tail, ("0", "1")):
        close(student.perplexity(whole, case.batches), right.form)


@pytest.mark.points(5)
@pytest.mark.needs("test_mode")
@given(cases(2, 2), st.booleans())
@settings(max_examples=4)
def test_raises(student, case, first):
    """Where the model raises an exception, that goes on, and the modes are as they were."""
    model = lent_in(student, case, True, ["rnn"])
    X, Y = case.batches[0]
    unknown = (torch.full_like(X, case.size[0]), Y)
    batches = [unknown, *case.batches] if first else [*case.batches, unknown]
    with kept(model, case):
        student.perplexity.raises(IndexError, model, batches)
    # Another kind: what follows a GRU is handed a tuple.
    layers, v = student.given.torch.nn, case.size[0]
    faulty = layers.Sequential(model, layers.GRU(v, v).to(torch.float64), layers.BatchNorm1d(v))
    with kept(model, case), left_as_it_was(faulty, ("1", "2")):
        student.perplexity.raises(AttributeError, faulty, case.batches)


@pytest.mark.points(8)
@pytest.mark.needs(*ONE)
@given(cases(1, 2))
@settings(max_examples=4)
def test_no_gradients(student, reference, case):
    """No gradients are recorded."""
    thrifty = model_of(case, "ThriftyModel")
    right = reference.perplexity(model_of(case), case.batches)
    close(student.perplexity(thrifty, case.batches), right.form)
    # Nor afterwards, where they were not before.
    with said_with(NO_GRAD):
        close(student.perplexity.called(NO_GRAD, thrifty, case.batches), right.form)


@pytest.mark.points(3)
@pytest.mark.needs(*ONE)
@given(cases(1, 2), st.sampled_from(("embedding", "rnn", "linear")))
@settings(max_examples=3)
def test_unchanged(student, reference, case, part):
    """A call leaves the parameters as they were, frozen ones too, and nothing for the next call."""
    model = frozen(lent_in(student, case, True), [part])
    with kept(model, case):
        student.perplexity(model, case.batches)
    # As after a step of training: another model, and the same texts.
    learned = case._replace(weights={name: value + 0.5 for name, value in case.weights.items()})
    learned.weights["linear.weight"] *= -1
    model.load_state_dict(learned.weights)
    right = reference.perplexity(model_of(learned), case.batches)
    # In the middle of a step, which has gathered gradients.
    name = "embedding.weight" if part == "linear" else "linear.bias"
    weight = model.get_parameter.held(name)
    weight.sum.held().backward()
    close(student.perplexity(model, case.batches), right.form)
    try:
        agree(weight.grad, torch.ones_like(case.weights[name]), within=0)
    except Mismatch:
        message = say("The call changes what was in `{name}.grad`, or takes it away.", name=name)
        raise Mismatch(message) from None


MANY = case_of(5, 3, [(1, 1 + n % 2) for n in range(11)], 0)
TALL = case_of(5, 3, [(21, 2), (1, 3)], 1)
DEEP = case_of(5, 3, [(1, 3)], 2, layers=3)
_THREE = case_of(5, 3, [(2, 3)], 3)
TRANSPOSED = _THREE._replace(batches=mapped(LAYOUTS["transposed"], _THREE.batches))


@pytest.mark.points(4)
@pytest.mark.needs(*ONE)
@given(cases(1, 3), st.just(True))
@example(MANY, False)
@example(TRANSPOSED, False)
@example(TALL, False)
@example(DEEP, False)
@settings(max_examples=8)
def test_iterables(student, reference, case, read_once):
    """A generator, read only once, works as well as a list; so do many batches, and large ones."""
    hold(student, reference, case, Stream(tuple(case.batches)) if read_once else None)


@pytest.mark.points(4)
@pytest.mark.needs(*ONE)
@given(sizes(2), st.sampled_from((400.0, 800.0, 2000.0)), SEEDS)
@settings(max_examples=6)
def test_extreme(student, reference, size, score, seed):
    """A token that the model thought impossible costs much, and not infinity."""
    v, h = size
    case = case_of(v + 1, h, [(1, 500)], seed)
    weights = {name: torch.zeros_like(value) for name, value in case.weights.items()}
    weights["linear.bias"][0] = -score
    X, Y = case.batches[0]
    Y = Y.clamp(min=1)
    Y[0, 3] = 0
    case = case._replace(weights=weights, batches=[(X, Y)])
    hold(student, reference, case)
    close(student.perplexity(model_of(case), case.batches), v * math.exp(score / 500))
