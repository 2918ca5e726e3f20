"""In which ways a call is made in the corners, and what dies of each: results of computations for
arguments, parameters, `torch.no_grad()`, tensors that were given before, one tensor for two."""

import pytest
import torch

from grader.judge.corners import same_shaped
from grader.judge.effort import Effort
from grader.judge.ways import in_words
from grader.worker.invoke import WAYS

PROPERTIES = """
from typing import NamedTuple
from grader.judge import laws
from grader.judge.strategies import cases_of

class Case(NamedTuple):
    x: torch.Tensor
    y: torch.Tensor

shapes = cases_of(Case, lambda n, d: [(n, d), (n, d)])
test_middle_sizes = laws.middle_sizes(
    shapes.sized, {"double": tuple}, most={"n": 40, "d": 40}, points=100
)
"""
RIGHT = """
import torch

def double(x, y):
    return torch.tanh(x) * y, x + y
"""
FUNCTION = """
import torch

class Both(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        {settings}
        ctx.save_for_backward(x, y)
        return torch.tanh(x) * y, x + y

    @staticmethod
    def backward(ctx, one, other):
        x, y = ctx.saved_tensors
        {first}
        to_x = one * y * (1 - torch.tanh(x) ** 2) + other
        return to_x, one * torch.tanh(x) + other

def double(x, y):
    return Both.apply(x, y)
"""


def body(*lines):
    """An answer that begins with these lines."""
    return RIGHT.replace("):\n", "):\n" + "".join(f"    {line}\n" for line in lines))


WRONG = {
    "cuts what was computed": (
        body("x = x if x.is_leaf else x.detach()"),
        "computed",
    ),
    "takes the data of parameters": (
        body("x = x.data if isinstance(x, torch.nn.Parameter) else x"),
        "parameters",
    ),
    "writes where no gradients are recorded": (
        body("if not torch.is_grad_enabled(): return x.tanh_().mul_(y), x + y"),
        "no_grad",
    ),
    "switches gradients on": (body("torch.set_grad_enabled(True)"), "no_grad"),
    "is less exact where no gradients are recorded": (
        body("if not torch.is_grad_enabled(): x = x.float().to(x.dtype)"),
        "no_grad",
    ),
    "remembers on the argument": (
        body(
            "if not hasattr(x, 'seen'): x.seen = torch.tanh(x)",
            "return x.seen * y, x + y",
        ),
        "again",
    ),
    "makes what the default says": (
        body(
            "return (torch.tanh(x) * y).to(torch.get_default_dtype().__class__ and x.dtype)"
            " * torch.ones(()) , x + y * torch.ones(()).new_tensor(1.0)"
        ),
        None,
    ),
    "rounds where the default is larger": (
        body("y = y if torch.get_default_dtype() == torch.float32 else y.float().to(y.dtype)"),
        "double",
    ),
    "counts one tensor once": (body("y = y.detach() if x is y else y"), "one and the same"),
    "fails in the second backward pass": (
        FUNCTION.format(settings="ctx.left = [1]", first="ctx.left.pop()"),
        "twice",
    ),
    "views the gradient": (
        FUNCTION.format(settings="", first="one = one.view(-1).view(x.shape)"),
        "transposed",
    ),
    "needs the last gradient": (
        FUNCTION.format(settings="ctx.set_materialize_grads(False)", first="one = one * 1").replace(
            "+ other", "+ (0 if other is None else other)"
        ),
        "last",
    ),
    "needs the first gradient": (
        FUNCTION.format(settings="ctx.set_materialize_grads(False)", first="other = other * 1"),
        "first",
    ),
}


@pytest.mark.parametrize("name", [name for name, (_, way) in WRONG.items() if way])
def test_an_answer_that_is_wrong_in_one_way_dies_and_is_told_of_it(tiny, name):
    """Each is right in plain calls. The report says in which way the call was made."""
    answer, way = WRONG[name]
    report = tiny.grade(answer, PROPERTIES, "", RIGHT, effort=Effort.VERDICT)
    assert report.score == 0
    (told,) = [each.message for each in report.properties]
    effects = ("changes it in place", "gradients switched")
    words = in_words(way) if way in WAYS else way
    assert words in told or any(each in told for each in effects), told


@pytest.mark.parametrize(
    "answer",
    [
        RIGHT,
        FUNCTION.format(settings="", first=""),
        WRONG["makes what the default says"][0],
        body("with torch.enable_grad(): z = torch.tanh(x)", "return z * y, x + y"),
    ],
)
def test_what_is_right_in_all_ways_passes(tiny, answer):
    """Functions of one's own for autograd too, and gradients that are recorded for a while."""
    report = tiny.grade(answer, PROPERTIES, "", RIGHT)
    assert report.score == 100, [p.message for p in report.properties]


def test_pairs_of_one_shape():
    """Of floating tensors alone, and of one dtype."""
    x, y = torch.ones(2, 3), torch.ones(2, 3)
    args = (x, 1, y, torch.ones(3), torch.ones(2, 3, dtype=torch.int64), x.double())
    assert same_shaped(args) == [(0, 2)]


@pytest.mark.parametrize("way", WAYS)
def test_each_way_has_its_words(way):
    """A sentence."""
    assert in_words(way).endswith(".")
