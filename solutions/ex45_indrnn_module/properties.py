"""Exercise 45, IndRNN as a module: what any right answer obeys."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judge import laws
from grader.judge import laws_of_modules as modules
from grader.judge.compare import ROUNDING, Mismatch, agree
from grader.judge.laws_of_modules import Form, made, new
from grader.judge.strategies import sizes
from grader.language import say

NAME = "IndRNN"
STEP = ("test_step",)


def shapes(d, h, num_layers=1, bias=True, bidirectional=False, **_):
    """The shapes of the parameters by name, in order."""
    suffixes = ("", "_reverse") if bidirectional else ("",)
    found = {}
    for k in range(num_layers):
        for suffix in suffixes:
            end = f"_l{k}{suffix}"
            found |= {f"weight_ih{end}": (h, d), f"weight_hh{end}": (h,)}
            if bias:
                found |= {f"bias{end}": (h,)}
        d = h * len(suffixes)
    return found


def form(t, n, d, h, *, state=False, **options):
    """How an IndRNN of these sizes is made, and called with a sequence and maybe a state."""
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


def unrolled(case):
    """What goes into every relu, in float64."""
    x, first = (*case.inputs, None)[:2]
    x = x.double()
    x = x.transpose(0, 1) if case.options.get("batch_first") else x
    h, both = case.args[1], case.options["bidirectional"]
    found, row = [], 0
    for k in range(case.options["num_layers"]):
        outputs = []
        for suffix in ("", "_reverse")[: 1 + both]:
            w_ih, w_hh, *bias = (
                case.weights[f"{name}_l{k}{suffix}"].double()
                for name in ("weight_ih", "weight_hh", "bias")
                if f"{name}_l{k}{suffix}" in case.weights
            )
            state = x.new_zeros(1, h) if first is None else first[row].double()
            states = []
            for step in x.flip(0) if suffix else x:
                found.append(step @ w_ih.T + w_hh * state + sum(bias))
                state = found[-1].clamp(min=0)
                states.append(state)
            outputs.append(torch.stack(states[::-1] if suffix else states))
            row += 1
        x = torch.cat(outputs, dim=-1)
    return torch.cat([each.flatten() for each in found])


def off_the_kink(case):
    """Whether no sum is 0, where a relu has no derivative and right answers differ in theirs."""
    return bool(unrolled(case).abs().min() > 1e-6)


cases = drawn()
PLAIN = {"num_layers": 1, "bias": True, "bidirectional": False}
single = drawn(state=False, **PLAIN)


test_parameters = modules.parameters(
    drawn(state=False, bidirectional=False)(),
    NAME,
    points=3,
    title="Its parameters have their names, order and shapes; there is one bias, not two.",
)
test_parameters_reverse = modules.parameters(
    drawn(state=False, bidirectional=True)(),
    NAME,
    points=3,
    needs=["test_parameters"],
    title="With two directions, the reverse one's parameters come second, ending in _reverse.",
)


@pytest.mark.points(6)
@pytest.mark.needs("test_parameters_reverse")
@given(drawn(state=False, bias=True)())
@settings(max_examples=5)
def test_initial(student, case):
    """Recurrent weights start in [0, 1], drawn from all of it; the weights of the inputs differ."""
    one, other = (new(student, NAME, case).state_dict() for _ in range(2))
    large = student.IndRNN(60, 50).state_dict()
    modules.hold_finite(large)
    for name, value in [*one.items(), *other.items(), *large.items()]:
        if name.startswith("weight_hh") and not bool(((value >= 0) & (value <= 1)).all()):
            raise Mismatch(say("`{name}` starts outside of [0, 1].", name=name))
    recurrent = large["weight_hh_l0"]
    # Of fifty numbers drawn from [0, 1], all lie in 0.5 of it once in 10^13.
    if float(recurrent.max() - recurrent.min()) < 0.5:
        message = say(
            "`{name}` starts in a part of [0, 1]; draw from all of it.", name="weight_hh_l0"
        )
        raise Mismatch(message)
    for name in ("weight_ih_l0", "weight_hh_l0"):
        if large[name].unique().numel() < 45:
            raise Mismatch(say("`{name}` starts all alike; draw its numbers.", name=name))
    if all(torch.equal(one[name], other[name]) for name in one):
        raise Mismatch(say("Two of them start with the same numbers; draw them anew."))


test_step = modules.outputs(
    single(),
    NAME,
    points=8,
    needs=["test_parameters"],
    title="One layer reads the sequence step by step, each as in exercise 24.",
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
    points=8,
    needs=STEP,
    title="Each layer reads the output of the one below; h_n has every layer's last state.",
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
    points=8,
    needs=STEP,
    title="It begins with h_0 where that is given: layer by layer, the forward direction first.",
)
test_batch_first = modules.transposed(cases(), NAME, points=6, needs=STEP)


@pytest.mark.points(4)
@pytest.mark.needs("test_step")
@given(single(), st.integers(1, 3))
@settings(max_examples=8)
def test_in_two_parts(student, case, cut):
    """A sequence may be read in two parts, the second with the h_n of the first for its h_0."""
    (x,) = case.inputs
    cut = min(cut, len(x))
    layer = made(student, NAME, case)
    output, h_n = layer(x)
    first, h = layer(x[:cut])
    if cut < len(x):
        second, h = layer(x[cut:], h)
        first = torch.cat([first, second])
    agree((first, h), (output, h_n), within=ROUNDING)


@pytest.mark.points(4)
@pytest.mark.needs("test_step")
@given(drawn(state=False, num_layers=1, bidirectional=False)(), st.data())
@settings(max_examples=6)
def test_independent(student, case, data):
    """No unit of a layer knows of another: whatever one unit does, the others stay as they were."""
    (x,) = case.inputs
    h = case.args[1]
    unit = data.draw(st.integers(0, h - 1))
    output, _ = made(student, NAME, case)(x)
    others = {name: _moved(value, unit) for name, value in case.weights.items()}
    changed, _ = made(student, NAME, case._replace(weights=others))(x)
    rest = [place for place in range(h) if place != unit]
    agree(changed[..., rest], output[..., rest], within=0)


def _moved(value, unit):
    """The same parameter, with 5 for all numbers of one unit."""
    changed = value.clone()
    changed[unit] = 5
    return changed


test_gradients = modules.gradients(
    drawn(layers=2)().filter(off_the_kink), NAME, points=8, needs=STEP
)


@pytest.mark.points(4)
@pytest.mark.needs("test_step")
@given(drawn(state=True, bias=True)())
@settings(max_examples=6)
def test_builtin(student, case):
    """It gives what torch's own RNN gives, with relu, a diagonal matrix and one bias of zero."""
    flat = []
    for name, value in case.weights.items():
        flat.append(torch.diag(value) if name.startswith("weight_hh") else value)
        if name.startswith("bias"):
            flat.append(torch.zeros_like(value))
    layers, both = case.options["num_layers"], case.options["bidirectional"]
    right = torch.rnn_relu(*case.inputs, flat, True, layers, 0.0, False, both, False)
    agree(made(student, NAME, case)(*case.inputs), right, within=1e-8)


test_round_trip = modules.round_trip(cases(), NAME, points=4, needs=STEP)
test_apart = modules.apart(cases(), NAME, points=4, needs=STEP)
test_layout = modules.layout(drawn(state=True)(), NAME, points=4, needs=STEP)
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
test_speed = laws.speed(points=6)
