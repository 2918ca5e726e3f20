"""Exercise 44, JANET as a module: what any right answer obeys."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judge import laws
from grader.judge import laws_of_modules as modules
from grader.judge.compare import ROUNDING, Mismatch, agree
from grader.judge.laws_of_modules import NEARLY_ALL, Form, made, new
from grader.judge.strategies import sizes
from grader.language import say

NAME = "JANET"
STEP = ("test_step",)


def shapes(d, h, num_layers=1, bias=True, bidirectional=False, **_):
    """The shapes of the parameters by name, in order."""
    suffixes = ("", "_reverse") if bidirectional else ("",)
    found = {}
    for k in range(num_layers):
        for suffix in suffixes:
            end = f"_l{k}{suffix}"
            found |= {f"weight_ih{end}": (2 * h, d), f"weight_hh{end}": (2 * h, h)}
            if bias:
                found |= {f"bias_ih{end}": (2 * h,), f"bias_hh{end}": (2 * h,)}
        d = h * len(suffixes)
    return found


def form(t, n, d, h, *, state=False, **options):
    """How a JANET of these sizes is made, and called with a sequence and maybe a state."""
    time_first = (n, t, d) if options.get("batch_first") else (t, n, d)
    rows = options.get("num_layers", 1) * (1 + options.get("bidirectional", False))
    inputs = [time_first, (rows, n, h)] if state else [time_first]
    return Form((d, h), options, shapes(d, h, **options), inputs)


def drawn(*, state=None, layers=3, **fixed):
    """Cases with whatever options, but for those that are fixed."""

    @modules.cases_of
    def cases(draw):
        t, n, d, h = draw(sizes(4, most=5))
        options = {
            "num_layers": draw(st.integers(1, layers)),
            "bias": draw(st.booleans()),
            "bidirectional": draw(st.booleans()),
            **fixed,
        }
        given_state = draw(st.booleans()) if state is None else state
        case = form(t, n, d, h, state=given_state, **options)
        # None may be said, or left out.
        is_said = state is None and not given_state and draw(st.booleans())
        return case._replace(inputs=[*case.inputs, None]) if is_said else case

    return cases


cases = drawn()
PLAIN = {"num_layers": 1, "bias": True, "bidirectional": False}
single = drawn(state=False, **PLAIN)


test_parameters = modules.parameters(
    drawn(state=False, bidirectional=False)(),
    NAME,
    points=3,
    title="Its parameters have the names, the order and the shapes that nn.LSTM's would have.",
)
test_parameters_reverse = modules.parameters(
    drawn(state=False, bidirectional=True)(),
    NAME,
    points=3,
    needs=["test_parameters"],
    title="With two directions, the reverse one's parameters come second, ending in _reverse.",
)


@pytest.mark.points(4)
@pytest.mark.needs("test_parameters_reverse")
@given(drawn(state=False, bias=True)())
@settings(max_examples=5)
def test_initial(student, case):
    """Its parameters start at random in [-1/sqrt(H), 1/sqrt(H)], none like another."""
    reach = 1 / math.sqrt(case.args[1])
    one, other = (new(student, NAME, case).state_dict() for _ in range(2))
    large = student.JANET(60, 50).state_dict()
    modules.hold_finite(one)
    for state, most in ((one, reach), (other, reach), (large, 1 / math.sqrt(50))):
        for name, value in state.items():
            if not bool((value.abs() <= most).all()):
                within = f"[-{most:.3g}, {most:.3g}]"
                raise Mismatch(
                    say("`{name}` starts outside of {within}.", name=name, within=within)
                )
    for name, value in large.items():
        if float(value.abs().max()) * math.sqrt(50) < 0.7 or value.unique().numel() < 50:
            raise Mismatch(
                say("`{name}` starts all alike, or near zero; draw from the range.", name=name)
            )
    if all(torch.equal(one[name], other[name]) for name in one):
        raise Mismatch(say("Two of them start with the same numbers; draw them anew."))


test_step = modules.outputs(
    single(),
    NAME,
    points=8,
    needs=["test_parameters"],
    title="One layer reads the sequence step by step, each as in exercise 23 with beta = 1.",
)
test_bias = modules.outputs(
    drawn(state=False, num_layers=1, bias=False, bidirectional=False)(),
    NAME,
    points=4,
    needs=STEP,
    title="With bias=False there is none, and none is added.",
    examples=8,
)
test_layers = modules.outputs(
    drawn(state=False, bidirectional=False)(),
    NAME,
    points=6,
    needs=STEP,
    title="Each layer reads the output of the one below; c_n has every layer's last cell.",
)
test_reverse = modules.outputs(
    drawn(state=False, layers=1, bidirectional=True)(),
    NAME,
    points=8,
    needs=[*STEP, "test_parameters_reverse"],
    title="The reverse direction begins at the end, and its output stands in the order of time.",
)
test_state = modules.outputs(
    drawn(state=True)(),
    NAME,
    points=6,
    needs=STEP,
    title="It begins with c_0 where that is given: layer by layer, the forward direction first.",
)
test_batch_first = modules.transposed(cases(), NAME, points=6, needs=STEP)


@pytest.mark.points(4)
@pytest.mark.needs("test_step")
@given(single(), st.integers(1, 3))
@settings(max_examples=8)
def test_in_two_parts(student, case, cut):
    """A sequence may be read in two parts, the second with the c_n of the first for its c_0."""
    (x,) = case.inputs
    cut = min(cut, len(x))
    layer = made(student, NAME, case)
    output, c_n = layer(x)
    first, c = layer(x[:cut])
    if cut < len(x):
        second, c = layer(x[cut:], c)
        first = torch.cat([first, second])
    agree((first, c), (output, c_n), within=ROUNDING)


test_gradients = modules.gradients(cases(), NAME, points=8, needs=STEP)
test_modes = modules.modes(drawn(dropout=0.5)(), NAME, points=4, needs=STEP)
DROPPED = 1e-4


def telling(weights):
    """Weights such that each element that layer 1 reads shows in its output, alone."""
    told = {name: torch.zeros_like(value) for name, value in weights.items()}
    h = weights["weight_hh_l0"].shape[1]
    for k in range(2):
        told[f"bias_ih_l{k}"][:h] = -1000.0  # forget everything: c' is the candidate
    told["bias_ih_l0"][h:] = math.atanh(0.5)
    told["weight_ih_l1"][h:] = DROPPED * torch.eye(h, dtype=torch.float64)
    return told


test_dropout = modules.dropout(
    lambda p: form(4, 25, 2, 24, num_layers=2, dropout=p),
    telling,
    lambda result: torch.atanh(result[0]) / (0.5 * DROPPED),
    NAME,
    points=6,
    needs=["test_layers"],
)


@pytest.mark.points(4)
@pytest.mark.needs("test_step")
@given(
    drawn(num_layers=1, dropout=0.9)(),
    drawn(num_layers=2)(),
    drawn(num_layers=3, bidirectional=True, dropout=NEARLY_ALL)(),
)
@settings(max_examples=8)
def test_ends(student, reference, case, undropped, emptied):
    """In training mode nothing is dropped before the first layer nor after the last, nor anywhere
    where no dropout is given; between any two layers it is, in both directions."""
    for each in (case, undropped):
        layer = made(student, NAME, each)
        layer.train()
        agree(layer(*each.inputs), made(reference, NAME, each)(*each.inputs))
    modules.hold_emptied(student, reference, NAME, emptied)


test_round_trip = modules.round_trip(cases(), NAME, points=4, needs=STEP)
test_apart = modules.apart(cases(), NAME, points=4, needs=STEP)
test_layout = modules.layout(drawn(state=True)(), NAME, points=3, needs=STEP)
test_precision = modules.precision(cases, NAME, points=4, needs=STEP)
test_larger = modules.larger(
    [
        form(30, 2, 3, 4, state=True, num_layers=2, bidirectional=True),
        form(2, 60, 5, 3),
        form(3, 3, 2, 4),
        form(4, 2, 4, 4),
        form(3, 2, 60, 5, bidirectional=True),
        form(2, 3, 4, 50, num_layers=2, state=True),
        form(2, 3, 2, 3, num_layers=22, state=True),
        form(2, 3, 3, 3, batch_first=True, num_layers=2, bidirectional=True, state=True),
        form(1, 1, 1, 1, num_layers=2, bidirectional=True),
    ],
    NAME,
    points=4,
    needs=STEP,
)
test_speed = laws.speed(points=7)
