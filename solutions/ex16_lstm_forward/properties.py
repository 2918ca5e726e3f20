"""Exercise 16, an LSTM through time, and its output layer: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import linear

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import SEEDS, cases_of, tensors


class Case(NamedTuple):
    x: Tensor
    h0: Tensor
    c0: Tensor
    w_ih: Tensor
    w_hh: Tensor
    b_ih: Tensor
    b_hh: Tensor
    output: Tensor
    w_hq: Tensor
    b_q: Tensor


def shapes(t, n, d, h, v):
    state, parameters = [(n, h)] * 2, [(4 * h, d), (4 * h, h), (4 * h,), (4 * h,)]
    return [(t, n, d), *state, *parameters, (t, n, h), (h, v), (v,)]


def forward(case):
    return case.x, (case.h0, case.c0), *case[3:7]


def torch_lstm(case):
    state = case.h0[None], case.c0[None]
    output, h, c = torch.lstm(case.x, state, case[3:7], True, 1, 0.0, False, False, False)
    return output, (h[0], c[0])


def torch_linear(case):
    return linear(case.output.flatten(0, 1), case.w_hq.T, case.b_q)


cases = cases_of(Case, shapes)
FORWARD = {"lstm_forward": forward}
LOGITS = {"output_layer": lambda case: case[7:]}
CALLS = FORWARD | LOGITS
BOTH = ("test_forward", "test_logits")


@st.composite
def long_cases(draw):
    """Sixty steps with the forget gate at one and the input gate at zero."""
    n, d, h = draw(st.permutations((1, 2, 3)))
    drawn = [draw(tensors(shape)) for shape in shapes(60, n, d, h, 1)]
    bias = torch.tensor([-500.0, 500.0, 0.0, 0.0], dtype=torch.float64).repeat_interleave(h)
    case = Case(*drawn)
    # With smaller weights rounding fades from step to step instead of growing.
    return case._replace(w_hh=case.w_hh / 2, b_ih=bias)


@pytest.mark.points(5)
@settings(max_examples=8)
@given(cases())
def test_half_open(student, case):
    """With all parameters zero, every step halves the cell c, and h = tanh(c) / 2."""
    steps = torch.arange(1, len(case.x) + 1, dtype=torch.float64)
    cells = case.c0 / 2 ** steps[:, None, None]
    shown = torch.tanh(cells) / 2
    zeros = [torch.zeros_like(parameter) for parameter in case[3:7]]
    result = student.lstm_forward(case.x, (case.h0, case.c0), *zeros)
    agree(result, (shown, (shown[-1], cells[-1])))


test_forward = laws.reference(
    cases(),
    FORWARD,
    points=10,
    needs=["test_half_open"],
    title="Each step reads its input and the state of the step before.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_forward")
@settings(max_examples=3)
@given(long_cases(), SEEDS)
def test_carried(student, reference, case, seed):
    """With f = 1 and i = 0, the cell survives sixty steps, and so do the gradients."""
    arguments = forward(case)
    result = student.lstm_forward(*arguments)
    _, (_, c) = result
    agree(c, case.c0, within=ROUNDING)
    agree(result, reference.lstm_forward(*arguments))
    agree(
        student.lstm_forward.gradients(*arguments, seed=seed),
        reference.lstm_forward.gradients(*arguments, seed=seed),
    )


@pytest.mark.points(5)
@pytest.mark.needs("test_forward")
@settings(max_examples=10)
@given(cases(), st.data())
def test_split(student, case, data):
    """Reading a sequence in two parts, with the state handed on, gives the same."""
    t = data.draw(st.integers(1, max(1, len(case.x) - 1)))
    start, *parameters = forward(case)[1:]
    whole = student.lstm_forward(case.x, start, *parameters)
    first, state = student.lstm_forward(case.x[:t], start, *parameters)
    if t < len(case.x):
        second, state = student.lstm_forward(case.x[t:], state, *parameters)
        first = torch.cat([first, second])
    agree((first, state), whole, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_forward")
@settings(max_examples=10)
@given(cases(), st.data())
def test_causal(student, case, data):
    """No output depends on later inputs."""
    t = data.draw(st.integers(0, len(case.x) - 1))
    other = torch.cat([case.x[:t], 100 - case.x[t:]])
    output, _ = student.lstm_forward(*forward(case))
    changed, _ = student.lstm_forward(*forward(case._replace(x=other)))
    agree(changed[:t], output[:t], within=ROUNDING)


test_logits = laws.reference(
    cases(),
    LOGITS,
    points=10,
    title="Row t * N + n of the logits is output[t, n] @ w_hq + b_q.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_logits")
@settings(max_examples=8)
@given(cases())
def test_same_weights(student, case):
    """The output layer treats every step alike, whatever the other steps hold."""
    _, n, _ = case.output.shape
    logits = student.output_layer(*case[7:])
    for t, step in enumerate(case.output):
        alone = student.output_layer(step[None], case.w_hq, case.b_q)
        agree(alone, logits[t * n : (t + 1) * n], within=ROUNDING)


test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"lstm_forward": torch_lstm, "output_layer": torch_linear},
    points=5,
    needs=BOTH,
    title="The results match torch's own nn.LSTM and nn.Linear.",
)
# A large w_hh would make each step's rounding larger in the next, in right answers too.
test_saturated = laws.magnitudes(
    cases(),
    CALLS,
    fields=[field for field in Case._fields if field != "w_hh"],
    points=5,
    needs=BOTH,
)
test_batch = laws.batch(
    cases(),
    FORWARD,
    batched={"x": 1, "h0": 0, "c0": 0},
    results={"lstm_forward": (1, 0, 0)},
    points=5,
    needs=["test_forward"],
)
test_precision = laws.precision(cases, CALLS, points=5, needs=BOTH)
test_gradients = laws.gradients(cases(), CALLS, points=10, needs=BOTH)
test_layout = laws.layout(cases(), CALLS, points=5, needs=BOTH)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=BOTH)
test_middle_sizes = laws.middle_sizes(
    cases.sized, CALLS, most={"t": 100}, long="t", points=5, needs=BOTH
)
test_speed = laws.speed(points=10)
