"""The law of training: which step it names, and what of it; what is given belongs to the answer."""

import itertools
from pathlib import Path

import pytest
import torch

from grader.course import model as course
from grader.judge import room
from grader.judge.compare import Mismatch
from grader.judge.effort import Effort
from grader.judge.laws_of_training import MOST_STEPS, trajectory
from grader.judge.reference import Reference
from grader.judge.story import given_of
from grader.judge.wrong import misconceptions

ROOT = Path(__file__).parents[2]
COURSE = course.load(ROOT)


def step(gradient, parameter, loss=1.0):
    """What is seen of one step, of a single parameter."""
    seen = {"w": torch.tensor([gradient, 2.0]).double()}
    return {"loss": loss, "gradients": seen, "parameters": {"w": torch.tensor([parameter])}}


RIGHT = [step(1.0, 5.0), step(3.0, 4.0), step(2.0, 3.0), step(5.0, 2.0)]


def said(mine, right=RIGHT):
    """What the law says of steps that are held against others."""
    runs = {"mine": mine, "right": right}
    with pytest.raises(Mismatch) as found:
        trajectory("mine", "right", lambda owner: iter(runs[owner]))
    return found.value.message


def changed(number, **parts):
    """The right steps, with something else in one of them."""
    return [each | (parts if n == number else {}) for n, each in enumerate(RIGHT, 1)]


def test_the_first_step_that_differs_is_named():
    """And what of it is wrong, in the order in which a mistake shows: loss, gradients, parameters;
    later steps are not spoken of."""
    trajectory("mine", "right", lambda owner: iter(RIGHT))
    other = {"w": torch.tensor([9.0])}
    assert said(changed(1, parameters=other)).startswith("The first step is off. `w` after the st")
    assert said(changed(2, parameters=other)).startswith("Step 1 is as it should be, step 2 is off")
    off = changed(4, loss=2.0, parameters=other)
    assert said(off).startswith(
        "Steps 1 to 3 are as they should be, step 4 is off. The loss is 2; it should be 1."
    )
    off = [*changed(3, gradients={"w": torch.tensor([8.0, 2.0]).double()})[:3], step(0.0, 0.0)]
    assert "step 3 is off. 1 of 2 elements of the gradient of `w` is wrong" in said(off)


def test_what_all_gradients_have_in_common_is_said():
    """Those of the last step in them, all zero, all scaled, or nothing that moves."""

    def of(number, gradients):
        return said(changed(number, gradients={"w": torch.tensor(gradients).double()}))

    assert "The gradients of step 2 seem to be still in it." in of(3, [5.0, 4.0])
    assert "All gradients are zero." in of(1, [0.0, 0.0])
    assert "Every gradient is 6 times what it should be." in of(2, [18.0, 12.0])
    assert of(2, [4.0, 9.0]).count("\n") == 0
    stays = {"w": torch.tensor([4.0])}
    assert "Nothing has changed in this step." in said(changed(3, parameters=stays))


def test_a_run_that_does_not_end_is_an_error():
    """Twelve steps are the most."""
    with pytest.raises(RuntimeError, match=f"more than {MOST_STEPS} steps"):
        trajectory("mine", "right", lambda owner: itertools.repeat(RIGHT[0]))


def test_what_an_optimizer_did_to_a_model_is_told_from_what_another_did():
    """Two that begin alike and are told the same, but for the optimizer that steps: what the one
    has become is not taken for what the other has."""
    exercise = COURSE.exercise("52")
    functions = {"Adam": vars(room.load(exercise.room / "reference.py"))["Adam"]}
    reference = Reference(functions, given_of(exercise.given))
    values, gradients = [torch.ones(2)], [torch.full((2,), 3.0)]

    def after(lr):
        weights = reference.given.Weights(values)
        adam = reference.Adam(weights.parameters.held(), lr=lr)
        weights.put(gradients)
        adam.step()
        return weights.now().form["w0"]

    assert after(0.25).tolist() == pytest.approx([0.75, 0.75])
    assert after(0.5).tolist() == pytest.approx([0.5, 0.5])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "name", "words"),
    [
        (54, "NotZeroed", "Step 1 is as it should be, step 2 is off."),
        (54, "ClippedEach", "The first step is off."),
        (54, "StateNotDetached", "backward through the graph a second time"),
        (52, "CorrectedAsFirst", "Step 1 is as it should be, step 2 is off."),
    ],
)
def test_a_mistake_is_named_from_the_first_step_that_differs(number, name, words, grade_source):
    """In the fewest steps that show it, whose story stands there as code."""
    exercise = COURSE.exercise(str(number))
    wrong = next(each for each in misconceptions(exercise.room) if each.name == name)
    options = {"effort": Effort.NAMED, "only": wrong.caught_by}
    report = grade_source(str(number), wrong.source, **options)
    failed = next(each for each in report.properties if each.name == wrong.caught_by)
    assert failed.status in ("failed", "error")
    assert words in failed.message
    assert report.misconception is not None
    assert report.misconception.name == name
    assert ("Descent(" if number == 54 else "Adam(") in failed.counterexample
