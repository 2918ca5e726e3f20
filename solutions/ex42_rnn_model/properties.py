"""Exercise 42, a language model around a recurrent layer: what any right answer obeys.

The layer is torch's own, given to the student's code. What a model calls it is the student's
matter, so that weights are loaded into the layer itself and into `linear`. Most of it is held in
float32, the dtype in which such a model is written, against torch's own layer; the others in a
property of their own.
"""

from typing import Any, NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from grader.judge.compare import Changed, Mismatch, Named, agree
from grader.judge.handles import Method
from grader.judge.laws_of_models import left_as_it_was
from grader.judge.laws_of_modules import hold_finite
from grader.judge.strategies import LAYOUTS, SEEDS, Draws, relayouted, sizes
from grader.judge.ways import said_with
from grader.language import say
from grader.wire import leaves, mapped
from grader.worker.invoke import NO_GRAD

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
STEP = ("test_one_layer",)
# In float32 two right answers for numbers of the order of 1 come far nearer than this.
CLOSE = 1e-4


class Case(NamedTuple):
    kind: str
    layers: int
    both: bool
    size: tuple[int, int]  # V, H
    weights: dict[str, Tensor]
    linear: dict[str, Tensor]
    tokens: Tensor
    state: Any


def case_of(kind, layers, both, t, n, v, h, seed, dtype=torch.float32):
    """A case of these sizes, drawn from a seed."""
    draw = Draws(seed, dtype)
    directions = 1 + both
    weights, width, gates = {}, v, GATES[kind]
    for k in range(layers):
        for suffix in ("", "_reverse")[:directions]:
            end = f"_l{k}{suffix}"
            weights[f"weight_ih{end}"] = draw.tensor(gates * h, width)
            weights[f"weight_hh{end}"] = draw.tensor(gates * h, h)
            weights[f"bias_ih{end}"] = draw.tensor(gates * h)
            weights[f"bias_hh{end}"] = draw.tensor(gates * h)
        width = directions * h
    linear = {"weight": draw.tensor(v, width), "bias": draw.tensor(v)}
    state = draw.tensor(layers * directions, n, h)
    if kind == "LSTM":
        state = state, draw.tensor(layers * directions, n, h)
    return Case(kind, layers, both, (v, h), weights, linear, draw.below(v, n, t), state)


@st.composite
def cases(draw, kinds=tuple(GATES), most=3, both=None, dtype=torch.float32):
    """Cases of a layer of some `kinds`, with up to `most` layers, in both directions or not."""
    t, n, v, h = draw(sizes(4))
    kind, layers = draw(st.sampled_from(kinds)), draw(st.integers(1, most))
    both = draw(st.booleans()) if both is None else both
    return case_of(kind, layers, both, t, n, v, h, draw(SEEDS), dtype)


plain = cases(kinds=("RNN", "GRU"), most=1, both=False)


def made(owner, case):
    """The owner's model and the layer in it, both loaded."""
    v, h = case.size
    dtype = case.linear["bias"].dtype
    kind = getattr(owner.given.torch.nn, case.kind)
    layer = kind(v, h, num_layers=case.layers, bidirectional=case.both).to(dtype)
    model = owner.RNNModel(layer, v).to(dtype)
    layer.load_state_dict(case.weights)
    model.linear.load_state_dict(case.linear)
    return model, layer


def composed(case, tokens, state):
    """What torch's own layer and a product give, computed here in float64; and of what."""
    v, h = case.size
    layer = getattr(torch.nn, case.kind)(v, h, num_layers=case.layers, bidirectional=case.both)
    layer.double().load_state_dict(case.weights)
    linear = {name: value.double().requires_grad_() for name, value in case.linear.items()}
    X = torch.eye(v, dtype=torch.float64)[tokens.T]
    Y, state = layer(X, mapped(torch.Tensor.double, state))
    scores = torch.cat([step @ linear["weight"].T + linear["bias"] for step in Y])
    return scores, state, [*layer.parameters(), *linear.values()]


def right(case, tokens, state):
    """The scores and the state, in the dtype of the case."""
    scores, state, _ = composed(case, tokens, state)
    return mapped(lambda each: each.detach().to(case.linear["bias"].dtype), (scores, state))


def hold(student, case):
    """Hold the scores and the state."""
    inputs = case.tokens, case.state
    agree(made(student, case)[0](*inputs), right(case, *inputs), within=CLOSE)


@pytest.mark.points(8)
@given(cases())
@settings(max_examples=12)
def test_linear(student, reference, case):
    """`linear` reads what the layer gives for a step, and has a score for each token."""
    v, h = case.size
    kind = getattr(student.given.torch.nn, case.kind)
    model = student.RNNModel(kind(v, h, num_layers=case.layers, bidirectional=case.both), v)
    state = model.linear.state_dict()
    hold_finite(state)
    found = {name: tuple(each.shape) for name, each in state.items()}
    agree(found, {"weight": (v, h * (1 + case.both)), "bias": (v,)})


@pytest.mark.points(8)
@pytest.mark.needs("test_linear")
@given(cases())
@settings(max_examples=8)
def test_parameters(student, case):
    """Its parameters are those of the layer that is given, and those of `linear`; no others."""
    v, h = case.size
    kind = getattr(student.given.torch.nn, case.kind)
    layer = kind(v, h, num_layers=case.layers, bidirectional=case.both)
    layer.load_state_dict(case.weights)
    model = student.RNNModel(layer, v)
    what = say("the layer's `{}` after the constructor")
    agree(Named(what, layer.state_dict()), Named(what, case.weights), within=0)
    model.linear.load_state_dict(case.linear)
    # By their number and norm, whatever they are called and in whichever order they are there.
    wanted = torch.cat([each.flatten() for each in (*case.weights.values(), *case.linear.values())])
    try:
        found = student.given.torch.nn.utils.parameters_to_vector(model.parameters.held())
        agree(len(found), len(wanted))
        agree(found.norm(), wanted.norm(), within=CLOSE * float(wanted.norm()))
    except Mismatch:
        raise Mismatch(
            say(
                "The model's parameters are not those of the layer and of `linear`: a layer kept in"
                " a list is none of its parts, nor is the one that was given where a copy is kept."
            )
        ) from None


@pytest.mark.points(12)
@pytest.mark.needs("test_linear")
@given(cases(), st.integers(1, 5))
def test_begin_state(student, case, count):
    """The first state is zeros, (L * directions, N, H); a pair of them for an LSTM."""
    zeros = torch.zeros(case.layers * (1 + case.both), count, case.size[1])
    right = (zeros, zeros) if case.kind == "LSTM" else zeros
    double = mapped(torch.Tensor.double, right)
    model, layer = made(student, case)
    agree(model.begin_state(count), right)
    layer.to(torch.float64)  # without the model's other parameters
    agree(model.begin_state(count), double)
    model.to(torch.float64)
    agree(model.begin_state(count), double)


@pytest.mark.points(12)
@pytest.mark.needs("test_linear", "test_parameters")
@given(plain)
def test_one_layer(student, case):
    """Row t * N + n scores the tokens after step t of sample n; the state is the layer's."""
    hold(student, case)


@pytest.mark.points(6)
@pytest.mark.needs(*STEP)
@given(cases(kinds=("LSTM",), most=1, both=False))
@settings(max_examples=10)
def test_lstm(student, case):
    """Around an LSTM the state is a pair, on the way in and on the way out."""
    hold(student, case)


@pytest.mark.points(6)
@pytest.mark.needs(*STEP)
@given(cases(both=False))
@settings(max_examples=10)
def test_deep(student, case):
    """Around a layer of several layers, the scores come from the last."""
    hold(student, case)


@pytest.mark.points(8)
@pytest.mark.needs(*STEP)
@given(cases(both=True))
@settings(max_examples=12)
def test_both(student, case):
    """Around a layer of two directions, the scores come from both."""
    hold(student, case)


@pytest.mark.points(8)
@pytest.mark.needs(*STEP, "test_begin_state")
@given(cases())
@settings(max_examples=10)
def test_begin(student, case):
    """It reads from its own first state, and gives what it gives from zeros."""
    model, _ = made(student, case)
    zeros = mapped(torch.zeros_like, case.state)
    result = model(case.tokens, model.begin_state(len(case.tokens)))
    agree(result, right(case, case.tokens, zeros), within=CLOSE)


@pytest.mark.points(4)
@pytest.mark.needs(*STEP)
@given(cases(both=False), st.integers(1, 3))
@settings(max_examples=8)
def test_in_two_parts(student, case, cut):
    """A text may be read in two parts, the second with the state of the first."""
    model, _ = made(student, case)
    first, second = case.tokens[:, :cut], case.tokens[:, cut:]
    scores, state = model(first, case.state)
    agree((scores, state), right(case, first, case.state), within=CLOSE)
    if second.numel():
        agree(model(second, state), right(case, second, state), within=CLOSE)


@pytest.mark.points(10)
@pytest.mark.needs(*STEP)
@given(cases(most=2), SEEDS)
@settings(max_examples=8)
def test_gradients(student, case, seed):
    """Gradients reach every parameter of the layer and of `linear`, and are right."""
    scores, _, wanted = composed(case, case.tokens, case.state)
    draw = torch.Generator().manual_seed(seed)
    cotangent = torch.randn(scores.shape, generator=draw) / len(scores)
    model, layer = made(student, case)
    mine = model.forward.held(case.tokens, case.state).held_item(0)
    linear = model.linear
    asked = [layer.get_parameter.held(name) for name in case.weights]
    asked += [linear.get_parameter.held(name) for name in case.linear]
    loss = mine.mul.held(cotangent).sum.held()
    truth = torch.autograd.grad(scores, wanted, cotangent.double())
    names = [*case.weights, *(f"linear.{name}" for name in case.linear)]
    found = student.given.torch.autograd.grad(loss, asked, allow_unused=True)
    what = say("the gradient of `{}`")
    agree(
        Named(what, dict(zip(names, found, strict=True))),
        Named(what, {name: each.float() for name, each in zip(names, truth, strict=True)}),
        within=CLOSE,
    )


@pytest.mark.points(6)
@pytest.mark.dtypes
@pytest.mark.needs(*STEP)
@given(
    st.sampled_from((torch.float64, torch.bfloat16, torch.float16)).flatmap(
        lambda dtype: cases(most=2, dtype=dtype)
    )
)
@settings(max_examples=6)
def test_precision(student, reference, case):
    """After .to(dtype) the one-hot vectors and the first state are of that dtype too."""
    (mine, _), (model, _) = made(student, case), made(reference, case)
    count = len(case.tokens)
    agree(mine.begin_state(count), mapped(torch.zeros_like, case.state))
    agree(mine(case.tokens, case.state), model(case.tokens, case.state))


@pytest.mark.points(4)
@pytest.mark.needs(*STEP)
@settings(max_examples=5)
@given(cases())
def test_apart(student, case):
    """Two of them share nothing, and a call leaves nothing behind for the next."""
    model, layer = made(student, case)
    expected = right(case, case.tokens, case.state)
    agree(model(case.tokens, case.state), expected, within=CLOSE)
    weights, linear = mapped(lambda each: each / 2 + 0.5, (case.weights, case.linear))
    hold(student, case._replace(weights=weights, linear=linear))
    other = (case.tokens + 1) % case.size[0]
    agree(model(other, case.state), right(case, other, case.state), within=CLOSE)
    agree(model(case.tokens, case.state), expected, within=CLOSE)
    # In eval() as well; and the layer is somebody's, who finds it as it was.
    model.eval()
    with left_as_it_was(layer, (), case.weights):
        agree(model(case.tokens, case.state), expected, within=CLOSE)
    # Without gradients too, where it is tempting to keep what was computed of the weights.
    ask = Method(model, "__call__")
    with said_with(NO_GRAD):
        agree(ask.called(NO_GRAD, case.tokens, case.state), expected, within=CLOSE)
        layer.load_state_dict(weights)
        model.linear.load_state_dict(linear)
        due = right(case._replace(weights=weights, linear=linear), case.tokens, case.state)
        agree(ask.called(NO_GRAD, case.tokens, case.state), due, within=CLOSE)
    if layer.batch_first:
        raise Mismatch(say("The layer that is given has another `batch_first` now."))


@pytest.mark.points(4)
@pytest.mark.needs(*STEP)
@given(cases())
@settings(max_examples=4)
def test_layout(student, case):
    """How tokens and state lie in memory makes no difference, and they are left as they were."""
    model, _ = made(student, case)
    inputs = case.tokens, case.state
    expected = right(case, *inputs)
    for layout in LAYOUTS:
        agree(model(*relayouted(inputs, layout)), expected, within=CLOSE)
    after = model.changes(*inputs)
    agree(after, Changed(after.names, [(each, None) for each in leaves(inputs)]), within=0)


@pytest.mark.points(4)
@pytest.mark.needs(*STEP)
def test_larger(student, seed):
    """It is also right for larger inputs and in corner cases."""
    for number, (kind, layers, both, *size) in enumerate(
        [
            ("GRU", 2, True, 24, 22, 5, 4),
            ("LSTM", 1, False, 3, 30, 4, 5),
            ("RNN", 1, True, 2, 3, 60, 5),
            ("GRU", 1, False, 2, 2, 4, 40),
            ("RNN", 7, False, 3, 2, 4, 3),
            ("LSTM", 2, True, 3, 3, 3, 3),
            ("GRU", 1, False, 1, 1, 1, 1),
        ]
    ):
        hold(student, case_of(kind, layers, both, *size, seed + number))
