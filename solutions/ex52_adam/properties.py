"""Exercise 52, Adam: what any right answer obeys.

The optimizer is held by its trajectory: parameters that the judge drew, gradients that it put into
them, and what the parameters are after every step.
"""

from typing import Any, NamedTuple

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.optim.adam import adam
from torch.optim.adamw import adamw

from grader.judge import laws
from grader.judge.compare import ROUNDING, Named, agree
from grader.judge.handles import Method
from grader.judge.laws_of_training import trajectory
from grader.judge.strategies import LAYOUTS, SEEDS, relayouted, sizes
from grader.language import say

FIRST = ("test_first_step",)
STEPS = ("test_steps",)
MOST = 6  # steps
# Gradients whose square is nothing.
TINY = {torch.float32: 1e-25, torch.bfloat16: 1e-25, torch.float16: 1e-4}
MANY = 300  # steps, more than bfloat16 can count one by one
LR = (0.001, 0.01, 0.1, 0.5)
BETAS = ((0.9, 0.999), (0.5, 0.9), (0.8, 0.6), (0.0, 0.7), (0.6, 0.0))
EPS = (1e-8, 0.01, 0.3, 1.0)
OPTIONS = {
    "lr": 1e-3,
    "betas": (0.9, 0.999),
    "eps": 1e-8,
    "weight_decay": 0.0,
    "decoupled": False,
}


class Case(NamedTuple):
    values: list[Tensor]
    gradients: list[list[Tensor | None]]  # of each step, for each parameter
    options: dict[str, Any]


def drawn(seed, shapes, steps, dtype=torch.float64):
    """Values, and gradients for so many steps, of two digits."""
    generator = torch.Generator().manual_seed(seed)

    def tensor(shape):
        made = torch.randn(shape, generator=generator, dtype=torch.float64)
        return made.round(decimals=2).to(dtype)

    values = [tensor(shape) for shape in shapes]
    return values, [[tensor(shape) for shape in shapes] for _ in range(steps)]


@st.composite
def cases(draw, most=MOST, least=1, count=2, decays=(0.0,), decoupled=(False,), none=False):
    """Cases of up to so many parameters and from `least` to `most` steps."""
    n, d = draw(sizes(2))
    shapes = [(n,), (d, n), ()][: draw(st.integers(1, count))]
    steps = draw(st.integers(least, most))
    values, gradients = drawn(draw(SEEDS), shapes, steps)
    if none:
        for each in gradients:
            for place in range(len(each)):
                if draw(st.booleans()):
                    each[place] = None
    options = {"lr": draw(st.sampled_from(LR)), "betas": draw(st.sampled_from(BETAS))}
    options["eps"] = draw(st.sampled_from(EPS))
    decay, apart = draw(st.sampled_from(decays)), draw(st.sampled_from(decoupled))
    options |= {"weight_decay": decay} if decay else {}
    options |= {"decoupled": True} if apart else {}
    return Case(values, gradients, options)


def begun(owner, case, listed=False, thawed=False, placed=False):
    """The parameters of a case, and the owner's optimizer of them, by a generator or a list.

    `thawed`, they want no gradient before the optimizer is there; `placed`, its options have no
    names.
    """
    weights = owner.given.Weights(case.values)
    handed = weights.listed if listed else weights.parameters
    if thawed:
        weights.requires_grad_(False)
    if placed:
        optimizer = owner.Adam(handed.held(), *(OPTIONS | case.options).values())
    else:
        optimizer = owner.Adam(handed.held(), **case.options)
    if thawed:
        weights.requires_grad_(True)
    return weights, optimizer


def carried(weights):
    """Carry the first parameter to another place in memory, as `.to()` does, or a new `.data`."""
    parameter = weights.get_parameter.held("w0")
    Method(parameter, "__setattr__")("data", parameter.detach.held().clone.held())


def stepped(owner, case, listed, zeroed, thawed, moved):
    """The steps of a case, with what the parameters are after each."""
    weights, optimizer = begun(owner, case, listed, thawed)
    for gradients in case.gradients:
        if moved:
            carried(weights)
        weights.put(gradients)
        optimizer.step()
        if zeroed:
            optimizer.zero_grad()
            yield {"parameters": weights.now(), "gradients": weights.grads()}
        else:
            yield {"parameters": weights.now()}


def hold(student, reference, case, *, listed=False, zeroed=False, thawed=False, moved=False):
    """Hold all steps of a case; `zeroed`, zero_grad after each too; `thawed` is as for `begun`;
    `moved`, one of the parameters lies elsewhere in memory in each step."""
    how = listed, zeroed, thawed, moved
    trajectory(student, reference, lambda owner: stepped(owner, case, *how))


def of_torch(case):
    """What torch's own makes of the parameters, by name, after all steps."""
    options = {"eps": 1e-8, "weight_decay": 0.0} | case.options
    options["beta1"], options["beta2"] = options.pop("betas")
    # As functions: to make an optimizer of torch's takes a second, for what it imports.
    move = adamw if options.pop("decoupled", False) else adam
    values = [value.clone() for value in case.values]
    m, v = ([torch.zeros_like(value) for value in values] for _ in range(2))
    counts = [torch.zeros(()) for _ in values]
    off = {"amsgrad": False, "maximize": False, "foreach": False}
    for gradients in case.gradients:
        move(values, gradients, m, v, [], counts, **options, **off)
    return {f"w{number}": value for number, value in enumerate(values)}


def mixed():
    """Many parameters, of every kind, of which one has no gradient now and then, and one zeros."""
    values, gradients = drawn(0, [(2,)] * 9 + [(), (0, 3), (3, 2)], 2)
    values[0] = values[0].float()
    values[-1] = LAYOUTS["transposed"](values[-1])
    for number, each in enumerate(gradients):
        each[0] = each[0].float()
        each[1] = None if number == 1 else each[1]
        each[2] = each[2] * number
    # Betas that float32 holds exactly: of others, 1 - beta may have few digits left in it.
    return Case(values, gradients, {"lr": 0.02, "betas": (0.5, 0.75), "eps": 0.3})


MIXED = mixed()


@pytest.mark.points(12)
@given(cases(most=1, count=1))
def test_first_step(student, reference, case):
    """The first step moves every number by lr * g / (|g| + eps), whatever the betas are."""
    hold(student, reference, case)


@pytest.mark.points(14)
@pytest.mark.needs(*FIRST)
@given(cases(count=1))
def test_steps(student, reference, case):
    """After each of several steps the parameter is where it should be."""
    hold(student, reference, case)


@pytest.mark.points(8)
@pytest.mark.needs(*FIRST)
@given(cases(count=3, most=3))
@settings(max_examples=12)
def test_several(student, reference, case):
    """Each of several parameters has means of its own, of its own shape."""
    hold(student, reference, case)


@pytest.mark.points(8)
@pytest.mark.needs(*STEPS)
@given(cases(most=4, decays=(0.1, 0.5)))
@settings(max_examples=12)
def test_weight_decay(student, reference, case):
    """With weight_decay, g is the gradient + weight_decay * w, in m and in v."""
    hold(student, reference, case)


@pytest.mark.points(8)
@pytest.mark.needs(*STEPS)
@given(cases(most=4, decays=(0.1, 0.5), decoupled=(True,)))
@settings(max_examples=12)
def test_decoupled(student, reference, case):
    """Decoupled, the decay shrinks w by 1 - lr * weight_decay and leaves m and v alone."""
    hold(student, reference, case)


@pytest.mark.points(6)
@pytest.mark.needs(*STEPS)
@given(cases(most=4, count=3, decays=(0.0, 0.3), decoupled=(False, True), none=True))
def test_left_out(student, reference, case):
    """A parameter without a gradient is left out of the step, with its m, its v and its t."""
    hold(student, reference, case)
    # It may come to want one later, as where a network is thawed.
    if case.gradients[0][0] is None:
        hold(student, reference, case, thawed=True)


@pytest.mark.points(6)
@pytest.mark.needs(*STEPS)
@given(cases(most=5, decays=(0.0, 0.2), decoupled=(False, True)))
@settings(max_examples=8)
def test_torch(student, case):
    """After some steps the parameters are where torch's own Adam, or AdamW, puts them."""
    due = of_torch(case)
    what = say("`{}` after the step")
    # By name, and all in their order, as torch's take them.
    for placed in (False, True):
        weights, optimizer = begun(student, case, placed=placed)
        for gradients in case.gradients:
            weights.put(gradients)
            if placed:  # what has a gradient moves, whether or not it wants another
                weights.requires_grad_(False)
            optimizer.step()
        agree(Named(what, weights.now()), Named(what, due), within=ROUNDING)


@pytest.mark.points(4)
@pytest.mark.needs(*FIRST)
@given(SEEDS, st.integers(1, 3))
@settings(max_examples=4)
def test_defaults(student, reference, seed, count):
    """Without options, lr is 1e-3, the betas are 0.9 and 0.999, eps is 1e-8, and nothing decays."""
    # Small gradients, of which eps is a part.
    values, gradients = drawn(seed, [(3,)], count)
    small = [[gradient * 1e-8 for gradient in each] for each in gradients]
    hold(student, reference, Case(values, small, {}))
    hold(student, reference, Case(values, gradients, {}))
    for apart in (False, True):
        options = {"weight_decay": 0.5, "decoupled": apart}
        hold(student, reference, Case(values, gradients, options))
    # An option of 0 is one.
    hold(student, reference, Case(values, gradients, {"lr": 0.0}))
    nowhere_zero = [[each.abs() + 1e-9 for each in step] for step in small]
    hold(student, reference, Case(values, nowhere_zero, {"lr": 0.1, "eps": 0.0}))


@pytest.mark.points(6)
@pytest.mark.needs(*FIRST)
@given(cases(most=3, least=2))
@example(MIXED)
@settings(max_examples=6)
def test_zero_grad(student, reference, case):
    """zero_grad sets every gradient to None, after which a step changes nothing."""

    def run(owner):
        weights, optimizer = begun(owner, case, listed=True)
        for gradients in case.gradients:
            weights.put(gradients)
            optimizer.step()
            optimizer.zero_grad()
            yield {"gradients": weights.grads()}
            optimizer.step()
            yield {"parameters": weights.now()}

    trajectory(student, reference, run)


@pytest.mark.points(5)
@pytest.mark.needs(*FIRST)
@given(cases(most=2, decays=(0.0, 0.5), decoupled=(False, True)))
@settings(max_examples=8)
def test_gradients_stay(student, case):
    """A step leaves the gradients as they are; they may still be asked for."""
    weights, optimizer = begun(student, case)
    for gradients in case.gradients:
        weights.put(gradients)
        optimizer.step()
        what = say("`{}.grad` after the step")
        right = {f"w{number}": each for number, each in enumerate(gradients)}
        agree(Named(what, weights.grads()), Named(what, right), within=0)


@pytest.mark.points(5)
@pytest.mark.needs(*STEPS)
@given(cases(most=3), cases(most=3))
@settings(max_examples=6)
def test_apart(student, reference, case, other):
    """Two optimizers share nothing, though their steps take turns."""

    def run(owner):
        pairs = [(*begun(owner, each), each.gradients) for each in (case, other)]
        for place in range(max(len(case.gradients), len(other.gradients))):
            for weights, optimizer, gradients in pairs:
                if place < len(gradients):
                    weights.put(gradients[place])
                    optimizer.step()
                    yield {"parameters": weights.now()}

    trajectory(student, reference, run)


@pytest.mark.points(5)
@pytest.mark.dtypes
@pytest.mark.needs(*STEPS)
@given(cases(most=3), st.sampled_from((torch.float32, torch.float32, torch.bfloat16)))
@settings(max_examples=8)
def test_precision(student, reference, case, dtype):
    """In float32 and bfloat16 parameters keep their dtype, and are as exact as can be."""
    values = [value.to(dtype) for value in case.values]
    gradients = [[each.to(dtype) for each in step] for step in case.gradients]
    # Betas that float32 holds exactly: of others, 1 - beta may have few digits left in it.
    options = case.options | {"eps": 0.3, "betas": (0.5, 0.75)}
    hold(student, reference, Case(values, gradients, options))
    for each, size in TINY.items():
        hold_tiny(student, each, size)


def hold_tiny(student, dtype, size):
    """Hold a step after one with a gradient whose square is nothing in the dtype, and so nothing in
    the v that is kept. What that first step makes of it may be computed in more digits."""
    values = [torch.tensor([2.0], dtype=dtype)]
    case = Case(values, [], {"lr": 0.75, "betas": (0.5, 0.75), "eps": size})
    weights, optimizer = begun(student, case)
    found = []
    for gradient in (size, 0.0):
        weights.put([torch.tensor([gradient], dtype=dtype)])
        optimizer.step()
        found.append(weights.now()["w0"].double())
    # m was half of the gradient, and is a quarter: lr * (size / 4) / (1 - 0.5^2) / (0 + eps).
    what = say("what the second step adds to `{}`, where v is too small for the dtype")
    moved = Named(what, {"w0": found[1] - found[0]})
    agree(moved, Named(what, {"w0": torch.full_like(found[0], -0.25)}), within=0.03)


@pytest.mark.points(3)
@pytest.mark.needs(*FIRST)
@given(cases(most=2, least=2), st.just(tuple(LAYOUTS)))
@example(MIXED, ("transposed",))
@settings(max_examples=3)
def test_layout(student, reference, case, layouts):
    """How many parameters there are, of which kind and where in memory, makes no difference."""
    for layout in layouts:
        values = list(relayouted(case.values, layout))
        gradients = [list(relayouted(each, layout)) for each in case.gradients]
        hold(student, reference, Case(values, gradients, case.options), listed=True)
    hold(student, reference, case, moved=True)


@pytest.mark.points(5)
@pytest.mark.needs(*STEPS)
def test_larger(student, reference, seed):
    """It is also right for larger tensors, more steps, and gradients of any size."""
    options = {"lr": 0.02, "betas": (0.8, 0.95)}
    hold(student, reference, Case(*drawn(seed, [(60, 50), (7,)], 2), options))
    hold(student, reference, Case(*drawn(seed + 2, [(3, 2)], 11), options), zeroed=True)
    values, gradients = drawn(seed + 3, [(2,), (4,)], 3)
    for size in (0.0, 1e-6, 1e6):
        scaled = [[each * size for each in step] for step in gradients]
        hold(student, reference, Case(values, scaled, options))
    hold_many(student)


def hold_many(student):
    """Hold the last of many steps in bfloat16, of which all but it and the first have a gradient of
    zeros."""
    # By the first, v is 1, and stays so: 1 - 2^-10 is 1 in bfloat16. It takes w to about 0.
    beta2 = 1 - 2**-10
    first = torch.tensor([32.0], dtype=torch.bfloat16)
    case = Case([first / 32], [], {"lr": 1.0, "betas": (0.0, beta2)})
    weights, optimizer = begun(student, case)
    weights.put([first])
    optimizer.step()
    weights.put([first * 0])
    for _ in range(MANY - 2):
        optimizer.step()
    before = weights.now()["w0"].double()
    weights.put([first / 32])
    optimizer.step()
    moved = weights.now()["w0"].double() - before
    what = say("what step {count} adds to `{{}}`, in bfloat16", count=MANY)
    right = torch.full_like(moved, -((1 - beta2**MANY) ** 0.5))
    agree(Named(what, {"w0": moved}), Named(what, {"w0": right}), within=0.015)


test_speed = laws.speed(points=5)
