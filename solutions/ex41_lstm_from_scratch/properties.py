"""Exercise 41, an LSTM from scratch: what any right answer obeys.

How the parameters are drawn from the generator is free, so no draw is held against the reference's:
what is held are shapes, repetition and statistics, which leave room for seven standard errors.
"""

import math
from typing import NamedTuple

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor

from grader.judge import laws
from grader.judge.compare import ROUNDING, Mismatch, Named, agree
from grader.judge.laws_of_models import hold_no_hooks
from grader.judge.strategies import SEEDS, cases_of, sizes, tensors
from grader.judge.student import StudentRaised
from grader.judge.ways import said_with
from grader.language import say
from grader.worker.invoke import NO_GRAD

KINDS = ["xi", "hi", "i", "xf", "hf", "f", "xo", "ho", "o", "xc", "hc", "c", "hq", "q"]
NAMES = [f"{'W' if len(kind) == 2 else 'b'}_{kind}" for kind in KINDS]
WEIGHTS = [n for n, name in enumerate(NAMES) if name.startswith("W")]
STD = 0.01
SHARED = 0.1  # of the numbers of two matrices, where none should be
TAILS = (2, 3.01)  # where clamping at 3 would still leave something

Case = NamedTuple(
    "Case", [("inputs", Tensor), ("H", Tensor), ("C", Tensor), *[(name, Tensor) for name in NAMES]]
)


def shapes_of_params(v, h):
    """The shapes of the 14 parameters."""
    return [*[(v, h), (h, h), (h,)] * 4, (h, v), (v,)]


cases = cases_of(Case, lambda t, n, v, h: [(t, n, v), (n, h), (n, h), *shapes_of_params(v, h)])


def arguments(case):
    return case.inputs, (case.H, case.C), list(case[3:])


CALLS = {"lstm": arguments}
SMALL = shapes_of_params(3, 2)
FORWARD = ("test_forward",)
PARAMS = ("test_shapes",)


def generator(owner, seed):
    """A generator where the owner's code runs."""
    made = owner.given.torch.Generator()
    made.manual_seed(seed)
    return made


def drawn(student, v, h, seed):
    params = student.get_lstm_params(v, h, generator(student, seed))
    return [each.detach() for each in params]


def hold(what, value, right, within):
    """Hold a statistic of the weights against its expectation."""
    names = say("the weights' {}")
    right = torch.tensor(right, dtype=torch.float64)
    agree(Named(names, {what: value}), Named(names, {what: right}), within=within)


@pytest.mark.points(6)
@given(sizes(2), SEEDS)
@settings(max_examples=10)
def test_shapes(student, shape, seed):
    """There are 14 parameters, in the order of the statement; the biases are zero."""
    found = drawn(student, *shape, seed)
    for n, (name, each) in enumerate(zip(NAMES, found, strict=True)):
        if n not in WEIGHTS and bool((each != 0).any()):
            raise Mismatch(say("`{name}` is not zero at the start.", name=name))


@pytest.mark.points(6)
@pytest.mark.needs(*PARAMS)
@given(SEEDS)
@settings(max_examples=3)
def test_normal(student, seed):
    """The weights are drawn from a normal distribution with mean 0 and standard deviation 0.01."""
    found = drawn(student, 60, 80, seed)
    for n in WEIGHTS:
        values = found[n].double().flatten() / STD
        count = len(values)
        name = NAMES[n]
        hold(say("mean / 0.01 in {name}", name=name), values.mean(), 0.0, 7 / count**0.5)
        deviation = values.square().mean().sqrt()
        what = say("standard deviation / 0.01 in {name}", name=name)
        hold(what, deviation, 1.0, 7 / (2 * count) ** 0.5)
        # Kolmogorov and Smirnov's statistic; an honest draw exceeds this once in 10^13.
        below = torch.special.ndtr(values.sort().values)
        steps = torch.arange(count + 1, dtype=values.dtype) / count
        distance = torch.maximum(below - steps[:-1], steps[1:] - below).max()
        what = say("distance from a normal distribution in {name}", name=name)
        hold(what, distance, 0.0, 4 / count**0.5)
    # That one hardly sees the tails.
    pooled = torch.cat([found[n].double().flatten() for n in WEIGHTS]) / STD
    for times in TAILS:
        share = math.erfc(times / 2**0.5)
        far = (pooled.abs() > times).double().mean()
        what = say("share beyond {times} * 0.01", times=times)
        hold(what, far, share, 7 * (share / len(pooled)) ** 0.5)


@pytest.mark.points(4)
@pytest.mark.needs(*PARAMS)
@given(SEEDS)
@settings(max_examples=3)
def test_apart(student, seed):
    """Each weight is drawn by itself: no two matrices of one shape are alike."""
    found = drawn(student, 40, 40, seed)
    for place, n in enumerate(WEIGHTS):
        for m in WEIGHTS[:place]:
            one, two = (found[each].double().flatten() for each in (m, n))
            likeness = (one @ two) / (one.norm() * two.norm())
            # The same in another order, as where one is the other transposed.
            shared = torch.isin(one.abs(), two.abs()).double().mean()
            if abs(float(likeness)) > 7 / len(one) ** 0.5 or float(shared) > SHARED:
                raise Mismatch(
                    say(
                        "`{one}` and `{two}` have (nearly) the same numbers; draw each anew.",
                        one=NAMES[m],
                        two=NAMES[n],
                    )
                )


@pytest.mark.points(6)
@pytest.mark.needs(*PARAMS)
@given(sizes(2), SEEDS)
@settings(max_examples=6)
def test_generator(student, shape, seed):
    """The same seed of `generator` gives the same parameters, another or a later draw others."""
    first = drawn(student, *shape, seed)
    given_one = generator(student, seed)
    student.given.torch.manual_seed(seed + 7)
    again = student.get_lstm_params(*shape, given_one)
    if not all(torch.equal(a, b) for a, b in zip(again, first, strict=True)):
        raise Mismatch(
            say("The same seed gives other numbers: draw all of them with generator=generator.")
        )
    later = student.get_lstm_params(*shape, given_one)
    other = drawn(student, *shape, seed + 1)
    for n in WEIGHTS:
        if torch.equal(later[n], first[n]):
            message = say("A second call with the same generator gives the same numbers again.")
            raise Mismatch(message)
        if torch.equal(other[n], first[n]):
            raise Mismatch(say("Generators of different seeds give the same numbers."))


@pytest.mark.points(4)
@pytest.mark.needs(*PARAMS)
def test_global_generator(student):
    """torch's global random numbers are left where they were."""
    student.given.torch.manual_seed(41)
    drawn(student, 3, 2, 5)
    student.init_lstm_state(3, 2)
    right = torch.rand(4, generator=torch.Generator().manual_seed(41))
    if not torch.equal(student.given.torch.rand(4).cpu(), right):
        raise Mismatch(
            say("torch's global random numbers are not the same after the call; use `generator`.")
        )


@pytest.mark.points(6)
@pytest.mark.needs(*PARAMS)
def test_leaves(student):
    """Each is a leaf that requires a gradient, so that an optimizer can change it."""
    with said_with(NO_GRAD):
        student.get_lstm_params.called(NO_GRAD, 3, 2, generator(student, 1))
    found = student.get_lstm_params.held(3, 2, generator(student, 1))
    held = [found.held_item(n) for n in range(len(NAMES))]
    for name, each in zip(NAMES, held, strict=True):
        if each.requires_grad is not True:
            raise Mismatch(say("`{name}` requires no gradient.", name=name))
        if each.is_leaf is not True:
            raise Mismatch(
                say(
                    "`{name}` is no leaf: it was computed from a tensor that requires a gradient."
                    " Ask for the gradient last.",
                    name=name,
                )
            )
        hold_no_hooks([(name, each)])
    # Each number is written anew, as an optimizer does.
    numbers = [100 * n + torch.arange(math.prod(s)).reshape(s) for n, s in enumerate(SMALL)]
    for name, each, value in zip(NAMES, held, numbers, strict=True):
        try:
            each.detach.held().copy_(value.float())
        except StudentRaised as raised:
            told = say("That is where `{name}` is changed, as an optimizer does it.", name=name)
            raise raised.with_line(told) from None
    for name, each, value in zip(NAMES, held, numbers, strict=True):
        if not torch.equal(each.detach(), value.float()):
            message = say(
                "`{name}` changes with another one: each has memory of its own.", name=name
            )
            raise Mismatch(message)


@pytest.mark.points(4)
@example((1, 2))
@example((50, 70))
@given(sizes(2))
@settings(max_examples=10)
def test_state(student, shape):
    """The state before the first step is a pair of zeros, each (N, H)."""
    zeros = torch.zeros(shape), torch.zeros(shape)
    agree(student.init_lstm_state(*shape), zeros)
    # What becomes of one is nothing to the others.
    held = [student.init_lstm_state.held(*shape) for _ in range(2)]
    if len({state.held_item(n).data_ptr() for state in held for n in range(2)}) < 4:
        raise Mismatch(
            say("H and C, or those of two calls, lie in the same memory: make new ones.")
        )
    with said_with(NO_GRAD):
        agree(student.init_lstm_state.called(NO_GRAD, *shape), zeros)


@pytest.mark.points(4)
@settings(max_examples=8)
@given(cases())
def test_half_open(student, case):
    """With zeros for all weights and biases but b_q, every step halves C, and every row is b_q."""
    steps = len(case.inputs)
    params = [torch.zeros_like(each) for each in case[3:-1]]
    C = case.C / 2**steps
    rows = case.b_q.expand(steps * len(case.H), -1)
    result = student.lstm(case.inputs, (case.H, case.C), [*params, case.b_q])
    agree(result, (rows, (torch.tanh(C) / 2, C)))


test_forward = laws.reference(
    cases(),
    CALLS,
    points=8,
    needs=["test_half_open"],
    title="Each step reads its input and the state before; row t * N + n is of sample n at step t.",
)


@pytest.mark.points(4)
@pytest.mark.needs(*FORWARD)
@settings(max_examples=8)
@given(cases(), st.data())
def test_split(student, case, data):
    """Reading a sequence in two parts, with the state handed on, gives the same."""
    x, state, params = arguments(case)
    t = data.draw(st.integers(1, max(1, len(x) - 1)))
    whole = student.lstm(x, state, params)
    first, state = student.lstm(x[:t], state, params)
    if t < len(x):
        second, state = student.lstm(x[t:], state, params)
        first = torch.cat([first, second])
    agree((first, state), whole, within=ROUNDING)


@st.composite
def long_cases(draw):
    """Sixty steps with the forget gate at one and the input gate at zero."""
    n, v, h = draw(st.permutations((1, 2, 3)))
    case = Case(*(draw(tensors(shape)) for shape in cases.shapes(60, n, v, h)))
    return case._replace(b_i=case.b_i - 500, b_f=case.b_f + 500)


@pytest.mark.points(4)
@pytest.mark.needs(*FORWARD)
@settings(max_examples=3)
@given(long_cases())
def test_carried(student, case):
    """With F = 1 and I = 0, the cell survives sixty steps."""
    _, (_, C) = student.lstm(*arguments(case))
    agree(C, case.C, within=ROUNDING)


def torch_lstm(case):
    """torch's own, with the weights transposed and restacked in its order i, f, g, o."""
    params = case[3:]

    def stacked(of, across):
        return torch.cat([params[3 * gate + of] for gate in (0, 1, 3, 2)], across)

    weights = [stacked(0, 1).T, stacked(1, 1).T, stacked(2, 0)]
    weights.append(torch.zeros_like(weights[2]))
    state = case.H[None], case.C[None]
    output, h, c = torch.lstm(case.inputs, state, weights, True, 1, 0.0, False, False, False)
    return output.flatten(0, 1) @ case.W_hq + case.b_q, (h[0], c[0])


test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"lstm": torch_lstm},
    points=4,
    needs=FORWARD,
    title="The result matches torch's own LSTM, with the weights transposed and stacked.",
)


@pytest.mark.points(4)
@pytest.mark.needs(*FORWARD, *PARAMS, "test_state")
@settings(max_examples=5)
@given(sizes(4), SEEDS)
def test_together(student, reference, shape, seed):
    """The three fit together: the network reads with parameters and a state of yours."""
    t, n, v, h = shape
    tokens = torch.randint(v, (t, n), generator=torch.Generator().manual_seed(seed))
    x = torch.nn.functional.one_hot(tokens, v).float()
    params = drawn(student, v, h, seed)
    state = tuple(each.detach() for each in student.init_lstm_state(n, h))
    agree(student.lstm(x, state, params), reference.lstm(x, state, params))


# A large W_h* would make each step's rounding larger in the next, in right answers too.
test_saturated = laws.magnitudes(
    cases(),
    CALLS,
    fields=[each for each in Case._fields if not each.startswith("W_h") or each == "W_hq"],
    points=4,
    needs=FORWARD,
)


@pytest.mark.points(4)
@pytest.mark.needs(*FORWARD)
@settings(max_examples=5)
@given(cases())
def test_batch(student, case):
    """Samples in a batch do not affect each other, and a batch of one works."""
    x, (H, C), params = arguments(case)
    Y, (H_n, C_n) = student.lstm(x, (H, C), params)
    rows = Y.unflatten(0, (len(x), len(H)))
    for n in range(len(H)):
        one = slice(n, n + 1)
        alone = student.lstm(x[:, one], (H[one], C[one]), params)
        agree(alone, (rows[:, n], (H_n[one], C_n[one])))


test_precision = laws.precision(cases, CALLS, points=4, needs=FORWARD)
test_gradients = laws.gradients(cases(), CALLS, points=6, needs=FORWARD)
test_layout = laws.layout(cases(), CALLS, points=4, needs=FORWARD)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=4, needs=FORWARD)
test_middle_sizes = laws.middle_sizes(
    cases.sized, CALLS, most={"t": 60}, long="t", points=4, needs=FORWARD
)
test_speed = laws.speed(points=6)
