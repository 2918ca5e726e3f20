"""A story that is told once more in float64 goes on from where it was, and gives what it gives told
from its beginning."""

import pytest
import torch

from grader.judge import reference as references
from grader.judge.compare import tensors_equal
from grader.judge.reference import Reference
from grader.judge.story import telling


class Layer(torch.nn.Module):
    """Has weights, numbers of its own that each call changes, and a part that may be another's."""

    def __init__(self, size, part=None):
        super().__init__()
        self.part = torch.nn.Linear(size, size) if part is None else part.part
        self.norm = torch.nn.BatchNorm1d(size)
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return self.norm(torch.tanh(self.part(x.to(self.part.weight.dtype)))) + self.calls

    def state(self):
        """What the next step changes."""
        return self.part.weight


def step(layer, x, lr):
    """One step of gradient descent; the loss."""
    loss = layer(x)[0].square().mean()
    layer.zero_grad()
    loss.backward()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter -= lr * parameter.grad
    return loss


def narrowed(layer):
    """Another float32 layer that holds the same part."""
    return Layer(3, layer).to(torch.float32)


NAMES = {"Layer": Layer, "step": step, "narrowed": narrowed}


def story(reference):
    """What is right for each step of a long story, and where the last one was over."""
    draw = torch.Generator().manual_seed(1)
    x = torch.randn(4, 3, generator=draw)
    weights = {"part.weight": torch.randn(3, 3, generator=draw), "part.bias": torch.ones(3)}
    layer = reference.Layer(3)
    yield layer(x)
    layer.load_state_dict({**weights, **without_part(layer)})
    yield layer.state()
    yield layer.gradients(x, seed=3)
    for _ in range(3):
        yield reference.step(layer, x, 0.1)
        yield layer.state()
        yield layer.calls
    other = reference.narrowed(layer)
    yield other(x.half())  # less precise than all before
    other.eval()
    yield other.changes(x)
    with pytest.raises(RuntimeError):
        layer(x[:, :2])
    yield layer(x)
    yield other.gradients(x, seed=4)
    yield reference.step(other, x, 0.1)
    yield layer.state()


def without_part(layer):
    state = Layer(3).state_dict()
    return {name: tensor for name, tensor in state.items() if not name.startswith("part")}


def test_what_is_right_is_the_same_as_told_from_the_beginning(monkeypatch):
    """Truth and bounds, to the last bit."""
    found = list(story(Reference(NAMES)))
    monkeypatch.setattr(references, "retelling", telling)
    anew = list(story(Reference(NAMES)))
    assert len(found) == len(anew) == 18
    for mine, right in zip(found, anew, strict=True):
        if isinstance(mine, int):
            assert mine == right
            continue
        assert mine.bounds == right.bounds
        assert tensors_equal(mine.form, right.form)
        assert tensors_equal(mine.truth, right.truth)


def test_what_is_right_stays_when_the_story_goes_on():
    """What a step gave may be a parameter, which the next one writes to."""
    reference = Reference(NAMES)
    layer = reference.Layer(3)
    before = layer.state()
    kept = before.truth.clone()
    reference.step(layer, torch.eye(4, 3), 0.5)
    after = layer.state()
    assert torch.equal(before.truth, kept)
    assert not torch.allclose(after.truth, kept)


def test_each_step_is_lived_through_once(monkeypatch):
    """So the tenth call takes no more than the first."""
    steps = []
    lived = references.retelling.__globals__["_lived"]
    monkeypatch.setitem(
        references.retelling.__globals__,
        "_lived",
        lambda step, *rest: steps.append(step.place) or lived(step, *rest),
    )
    reference = Reference(NAMES)
    layer = reference.Layer(3)
    for _ in range(10):
        layer(torch.ones(4, 3))
    assert len(steps) == 11 + (1 + references.PERTURBATIONS) * 11
