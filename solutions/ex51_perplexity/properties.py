"""Exercise 51, perplexity: what any right answer obeys.

The model is given, with weights that are drawn here; whatever its modes and its parameters are
afterwards is asked of the very model that was handed over.
"""

import math
from typing import Any, NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judge.compare import Mismatch, Named, agree
from grader.judge.handles import given as lent
from grader.judge.strategies import SEEDS, Draws, sizes
from grader.language import say
from grader.wire import Stream

ONE = ("test_one_batch",)
# Relative to the perplexity: costs may be added up in float32, whatever the model computes in.
CLOSE = {torch.float64: 1e-5, torch.float32: 1e-4}
PARTS = ("embedding", "dropout", "rnn", "linear")


class Case(NamedTuple):
    size: tuple[int, int]  # V, H
    weights: dict[str, torch.Tensor]
    batches: list[Any]


def weights_of(v, h, draw):
    """Weights that make some tokens likelier than others, in every position."""
    shapes = {
        "embedding.weight": (v, h),
        "rnn.weight_ih_l0": (3 * h, h),
        "rnn.weight_hh_l0": (3 * h, h),
        "rnn.bias_ih_l0": (3 * h,),
        "rnn.bias_hh_l0": (3 * h,),
        "linear.weight": (v, h),
        "linear.bias": (v,),
    }
    return {name: (2 * draw.tensor(*shape)).round(decimals=2) for name, shape in shapes.items()}


def case_of(v, h, forms, seed, dtype=torch.float64):
    """A case of batches of these forms, drawn from a seed."""
    draw = Draws(seed, dtype)
    weights = weights_of(v, h, draw)
    return Case((v, h), weights, [(draw.below(v, *form), draw.below(v, *form)) for form in forms])


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
    v, h = case.size
    made = getattr(lent, kind)(v, h).to(case.weights["linear.bias"].dtype)
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


def modes_of(model):
    """The modes of a model and of its parts, by name."""
    modes = {part: getattr(model, part).training for part in PARTS}
    return {"model": model.training, **modes}


def hold_modes(model, before):
    """Hold that a model and its parts are in the modes that they were in, by what they say and by
    what dropout does."""
    after = modes_of(model)
    for name, mode in before.items():
        if after[name] is not mode:
            message = say(
                "`{name}.training` was {mode}, and is {other} after the call.",
                name=name if name == "model" else f"model.{name}",
                mode=mode,
                other=not mode,
            )
            raise Mismatch(message)
    ones = torch.ones(400)
    drops = not torch.equal(model.dropout(ones), ones)
    if drops != before["dropout"]:
        raise Mismatch(say("The model's dropout does not do after the call what its mode says."))


def in_modes(student, case, mode, frozen=()):
    """The model of a case in training mode or not, with some parts that are in the other."""
    model = model_of(case).of(student)
    model.train(mode)
    for part in frozen:
        getattr(model, part).train(not mode)
    return model


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
    model = in_modes(student, case, True)
    right = reference.perplexity(model_of(case), case.batches)
    close(student.perplexity(model, case.batches), right.form)


@pytest.mark.points(10)
@pytest.mark.needs("test_eval")
@given(cases(), st.booleans())
@settings(max_examples=6)
def test_mode(student, case, mode):
    """The model is then in the mode that it was in, training or not."""
    model = in_modes(student, case, mode)
    before = modes_of(model)
    student.perplexity(model, case.batches)
    hold_modes(model, before)


@pytest.mark.points(6)
@pytest.mark.needs("test_mode")
@given(cases(), st.booleans(), st.sets(st.sampled_from(PARTS), min_size=1, max_size=3))
@settings(max_examples=8)
def test_parts(student, case, mode, frozen):
    """So is every part of it, where some are in another mode than the rest."""
    model = in_modes(student, case, mode, sorted(frozen))
    before = modes_of(model)
    student.perplexity(model, case.batches)
    hold_modes(model, before)


@pytest.mark.points(5)
@pytest.mark.needs("test_mode")
@given(cases(2, 2), st.booleans())
@settings(max_examples=4)
def test_raises(student, case, first):
    """Where the model raises an exception, that goes on, and the modes are as they were."""
    model = in_modes(student, case, True, ["rnn"])
    before = modes_of(model)
    X, Y = case.batches[0]
    unknown = (torch.full_like(X, case.size[0]), Y)
    batches = [unknown, *case.batches] if first else [*case.batches, unknown]
    student.perplexity.raises(IndexError, model, batches)
    hold_modes(model, before)


@pytest.mark.points(8)
@pytest.mark.needs(*ONE)
@given(cases(1, 2))
@settings(max_examples=4)
def test_no_gradients(student, reference, case):
    """No gradients are recorded."""
    thrifty = model_of(case, "ThriftyModel")
    right = reference.perplexity(model_of(case), case.batches)
    close(student.perplexity(thrifty, case.batches), right.form)


@pytest.mark.points(3)
@pytest.mark.needs(*ONE)
@given(cases(1, 2))
@settings(max_examples=4)
def test_unchanged(student, case):
    """The model's parameters are left as they were, without gradients, and want them as before."""
    model = in_modes(student, case, True)
    student.perplexity(model, case.batches)
    what = say("the model's `{}` after the call")
    agree(Named(what, model.state_dict()), Named(what, case.weights), within=0)
    for name in case.weights:
        weight = model.get_parameter.held(name)
        if weight.requires_grad is not True:
            raise Mismatch(say("The model's `{name}` wants no gradient any more.", name=name))
        try:
            agree(weight.grad, None)
        except Mismatch:
            message = say("The call leaves a gradient in `{name}.grad`.", name=name)
            raise Mismatch(message) from None


@pytest.mark.points(4)
@pytest.mark.needs(*ONE)
@given(cases(1, 3))
@settings(max_examples=8)
def test_iterables(student, reference, case):
    """A generator, read only once, works as well as a list."""
    hold(student, reference, case, Stream(tuple(case.batches)))


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
