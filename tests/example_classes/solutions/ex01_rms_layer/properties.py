"""Exercise 1, root mean square normalisation as a layer: what any right answer obeys."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.judge import laws_of_modules as modules
from grader.judge.compare import ROUNDING, agree
from grader.judge.laws_of_modules import Form, made
from grader.judge.strategies import sizes

NAME = "RMSNorm"
OUTPUT = ("test_output",)


@modules.cases_of
def cases(draw):
    n, size = draw(sizes(2))
    eps = draw(st.sampled_from([1e-6, 0.5]))
    return Form((size,), {"eps": eps}, {"weight": (size,)}, [(n, size)])


test_parameters = modules.parameters(cases(), NAME, points=10)


@pytest.mark.points(10)
@pytest.mark.needs("test_parameters")
def test_ones(student):
    """The weight starts with ones."""
    agree(student.RMSNorm(5).state_dict(), {"weight": torch.ones(5)}, within=0)


test_output = modules.outputs(
    cases(),
    NAME,
    points=20,
    needs=["test_parameters"],
    title="Every sample is divided by its own root mean square, and scaled by the weights.",
)


@pytest.mark.points(10)
@pytest.mark.needs("test_output")
@given(cases())
def test_size(student, case):
    """Twice the weight is twice the result; the size of a sample makes no difference."""
    case = case._replace(options={"eps": 0.0}, inputs=(case.inputs[0] + 10,))
    layer = made(student, NAME, case)
    y = layer(*case.inputs)
    agree(layer(3 * case.inputs[0]), y, within=ROUNDING)
    layer.load_state_dict({"weight": 2 * case.weights["weight"]})
    agree(layer(*case.inputs), 2 * y, within=ROUNDING)


test_gradients = modules.gradients(cases(), NAME, points=20, needs=OUTPUT)
test_round_trip = modules.round_trip(cases(), NAME, points=10, needs=OUTPUT)
test_apart = modules.apart(cases(), NAME, points=10, needs=OUTPUT)
test_layout = modules.layout(cases(), NAME, points=5, needs=OUTPUT)
test_precision = modules.precision(cases, NAME, points=5, needs=OUTPUT)
