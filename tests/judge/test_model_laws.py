"""The laws of functions that are handed a model: what they say of one that is left otherwise."""

import pytest

from grader.judge.effort import Effort

REFERENCE = "def double(model, x):\n    return x * 2\n"
PROPERTIES = """
from grader.judge import handles
from grader.judge.laws_of_models import frozen, hold_training, in_modes, left_as_it_was

nn = handles.given.torch.nn
PARTS = ("0", "1")
WEIGHTS = {"0.weight": torch.eye(2), "0.bias": torch.ones(2)}

def new(student):
    made = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5))
    return made.load_state_dict(WEIGHTS).of(student)

@pytest.mark.points(40)
def test_modes(student):
    model = in_modes(new(student), True, ["0"])
    with left_as_it_was(model, PARTS, dropout="1"):
        student.double(model, torch.ones(1))

@pytest.mark.points(40)
def test_weights(student):
    model = frozen(new(student).eval(), ["0"])
    with left_as_it_was(model, PARTS, WEIGHTS):
        student.double(model, torch.ones(1))
    model.requires_grad_(True)
    with left_as_it_was(model, PARTS, WEIGHTS):
        student.double(model, torch.ones(1))

@pytest.mark.points(20)
def test_training(student):
    model = new(student).train()
    student.double(model, torch.ones(1))
    hold_training(model, PARTS, "encoder")
"""
ANSWERS = {
    "model.train()": {
        "test_modes": "`model.0.training` was False, and is True after the call.",
        "test_weights": "`model.training` was False, and is True after the call.",
    },
    "model.eval()": {
        "test_modes": "`model.training` was True, and is False after the call.",
        "test_training": "After the call `encoder` is in `eval()`, and not in training mode.",
    },
    "model[0].training = False": {"test_training": "`encoder.0` is in `eval()`"},
    "model[1].p = 0.0": {"test_modes": "dropout does not do after the call what its mode says"},
    "model[0].bias.data.add_(1)": {"test_weights": "the model's `0.bias` after the call"},
    "model[0].requires_grad_()": {"test_weights": "`0.weight` was frozen, and wants a gradient"},
    "model[0].requires_grad_(False)": {"test_weights": "`0.weight` wants no gradient any more."},
    "model[0].weight.requires_grad and model(torch.ones(2)).sum().backward()": {
        "test_weights": "The call leaves a gradient in `0.weight.grad`."
    },
}


def failed(tiny, answer):
    report = tiny.grade(answer, PROPERTIES, "", REFERENCE, effort=Effort.EVERY)
    return {each.name: each.message for each in report.properties if each.status != "passed"}


def test_what_leaves_a_model_as_it_was_passes(tiny):
    """Also where it changes the modes and brings them back."""
    answer = """
def double(model, x):
    modes = [(each, each.training) for each in model.modules()]
    model.eval()(x.expand(2)).detach()
    for each, mode in modes:
        each.training = mode
    return x * 2
"""
    assert failed(tiny, answer) == {}


@pytest.mark.parametrize("line", ANSWERS)
def test_what_is_otherwise_afterwards_is_said(tiny, line):
    """Modes, of each part, dropout, parameters, and whether they want gradients."""
    answer = f"import torch\n\ndef double(model, x):\n    {line}\n    return x * 2\n"
    found = failed(tiny, answer)
    assert set(found) == set(ANSWERS[line]), found
    for name, words in ANSWERS[line].items():
        assert words in found[name]
