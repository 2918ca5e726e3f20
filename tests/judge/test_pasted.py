"""The call that a report prints is Python: pasted below the student's code, it does what the report
shows."""

import hashlib
import re
from pathlib import Path

import pytest
import torch
from quality import sample

from grader.course import model as course
from grader.judge.effort import Effort
from grader.judge.explain.calls import pasted
from grader.judge.explain.diagnosis import functions_of, same
from grader.judge.grading import Grading
from grader.judge.reference import tensors_by_name
from grader.judge.student import Record
from grader.judge.wrong import misconceptions
from grader.submission.text import Submission
from grader.wire import Stream
from grader.worker.invoke import Change, Invocation, Outcome

# One exercise for each kind of call: values, gradients, changes, hooks, exceptions, numbers, lists
# of tuples, dicts, objects; and which of its misconceptions.
TWENTY = {
    1: 0, 3: 1, 4: 0, 5: 0, 7: 0, 8: 0, 9: 0, 11: 0, 13: 1, 14: 0,
    16: 0, 17: 0, 18: 0, 19: 0, 25: 0, 26: 0, 27: 0, 30: 0, 34: 0, 40: 0,
}  # fmt: skip


def run(code: str, names: dict[str, object]) -> object:
    """What comes of lines that are pasted into a session that knows `names`: the value of the last
    expression."""
    *before, last = re.split(r"\n(?=\w|\[|\()", code)
    exec("\n".join(before), names)
    if re.match(r"\w+ = |# ", last):
        return exec(last, names)
    return eval(last, names)


def seen(call: Invocation, function, code: str, names: dict[str, object]) -> Record:
    """What the lines did, as a call is recorded."""
    try:
        value = run(code, names)
    except Exception as error:
        return Record(call, None, type(error).__name__)
    places = tensors_by_name(function, call)
    mine = [eval(place, names) for place in places]
    gradients = changes = backwards = None
    if call.cotangents is not None:
        value = names["result"]
        asked = zip(mine, places.values(), strict=True)
        gradients = [tensor.grad for tensor, given in asked if given.requires_grad]
    if call.changes:
        changes = [Change(tensor, tensor.grad, tensor.grad) for tensor in mine]
    # Whether the generator was moved, a report says in words.
    disturbed = call.generator
    return Record(call, Outcome(value, gradients, changes, backwards, disturbed), None)


@pytest.mark.parametrize("number", sample(TWENTY, 4))
def test_what_a_report_prints_does_what_it_shows(number, forkserver):
    """For wrong answers to twenty exercises: the lines stand in the report, and give what came
    back."""
    exercise = course.find(course.bundled()).exercise(f"{number}")
    wrong = misconceptions(exercise.room)[TWENTY[number]]
    sha256 = hashlib.sha256(wrong.source.encode()).hexdigest()
    submission = Submission(Path(f"{exercise.stem}.py"), sha256, wrong.source)
    grading = Grading(
        exercise,
        submission,
        device="cpu",
        speed=False,
        forkserver=forkserver,
        effort=Effort.VERDICT,
        first=[wrong.caught_by],
    )
    try:
        report = grading.finish()
        failure = next(each for each in grading.harness.failures if each.has_call)
    finally:
        grading.close()
    record = failure.example.records[-1]
    text = next(r.counterexample for r in report.properties if r.name == failure.name)
    function = grading.harness._reference.functions[record.call.function]
    code = pasted(record.call, function)
    assert code is not None
    assert code in text
    names = dict(functions_of(wrong.source, Path("answer.py")))
    if record.call.backwards is not None:
        run(code, names)  # what arrives in each pass is gone when the next one begins
        return
    assert same(record, seen(record.call, function, code, names)), text


def made(call: Invocation, function) -> dict[str, object]:
    """The variables of a call that was pasted."""
    names: dict[str, object] = {call.function: function}
    run(pasted(call, function), names)
    return names


@pytest.mark.parametrize(
    "tensor",
    [
        torch.tensor([[0.1, -2.0], [1e-9, 3e20]]),
        torch.tensor([[0.1, torch.inf], [-torch.inf, torch.nan]], dtype=torch.float64),
        torch.tensor([1 / 3, 2 / 3], dtype=torch.bfloat16),
        torch.arange(24).reshape(2, 3, 4),
        torch.arange(30.0, dtype=torch.float64) / 7,
        torch.tensor([True, False]),
        torch.tensor(2.5),
        torch.zeros(7, 3),
        -torch.zeros(2, 2),
        torch.full((5, 2), 3),
        torch.empty(0, 2, dtype=torch.float16),
        torch.arange(6.0).reshape(2, 3).T,
        torch.arange(12.0).reshape(2, 3, 2)[:, ::2],
        torch.arange(3.0).expand(2, 3),
        torch.ones(3, 2).T.expand(4, 2, 3),
        torch.tensor([[0.5]]).requires_grad_(),
        torch.arange(6.0).reshape(2, 3).T.requires_grad_(),
    ],
    ids=lambda tensor: f"{tuple(tensor.shape)}",
)
def test_a_tensor_is_made_as_it_was(tensor):
    """Its values to the last bit, dtype, layout, and whether it wants a gradient."""
    x = made(Invocation("f", (tensor,)), lambda x: x)["x"]
    assert (x.dtype, x.shape, x.stride()) == (tensor.dtype, tensor.shape, tensor.stride())
    assert x.requires_grad == tensor.requires_grad
    assert torch.equal(x.nan_to_num(7.0), tensor.nan_to_num(7.0))
    assert torch.equal(x.signbit(), tensor.signbit()) or tensor.isnan().any()


def test_what_arguments_hold_is_made_as_it_was():
    """Lists and dicts of tensors, one tensor in two places, gradients that are there already,
    generators, and arguments with the names that the lines themselves use."""
    one = torch.tensor([0.5, 1.5], requires_grad=True)
    one.grad = torch.tensor([1.0, 2.0])
    arguments = ([one, (one, "a")], {"b": torch.tensor([3])}, Stream((torch.tensor([4]),)))

    def f(tensor, weights, result, *, tanh=None):
        return tensor[0] * 2, next(result), weights, tanh

    call = Invocation("f", arguments, {"tanh": [1, None]})
    names: dict[str, object] = {"f": f}
    assert run(pasted(call, f), names)[1] == 4
    first, (again, text) = names["tensor_"]
    assert first is again
    assert text == "a"
    assert first.grad.tolist() == [1.0, 2.0]
    assert names["weights"]["b"].tolist() == [3]


def test_gradients_come_of_what_is_pasted():
    """Of all results together, each with its weights."""
    x = torch.tensor([0.5, 1.5], dtype=torch.float64, requires_grad=True)
    weights = torch.tensor([2.0, 3.0], dtype=torch.float64), torch.tensor(5.0, dtype=torch.float64)
    names = made(Invocation("f", (x,), {}, weights), lambda x: {"a": x * 2, "b": [x.sum()]})
    assert names["x"].grad.tolist() == [2 * 2.0 + 5, 2 * 3.0 + 5]
