"""The law of training: student and reference take the same steps, and agree after each.

    def steps(owner, case):
        weights = owner.given.Weights(case.values)
        adam = owner.Adam(weights.parameters.held(), lr=case.lr)
        for gradients in case.gradients:
            weights.put(gradients)
            adam.step()
            yield {"parameters": weights.values()}

    def test_steps(student, reference, case):
        trajectory(student, reference, lambda owner: steps(owner, case))

A run takes one step after the other, with objects of one side that begin with what the judge drew,
and yields what is seen after each. The two runs are taken side by side, so that a report names the
first step that differs, and what it was that differed. Where a property draws the number of steps,
Hypothesis shrinks a failing run to the fewest.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch

from grader.judge.compare import Expected, Mismatch, Named, agree, all_leaves
from grader.judge.reference import Reference, gradient_of
from grader.judge.student import Student
from grader.language import say

MOST_STEPS = 12
NEAR = 1e-6  # relative, of two gradients that a remark calls the same

Seen = Mapping[str, Any]
Run = Callable[[Any], Iterator[Seen]]

# What may be seen of a step, in the order in which a mistake shows.
KINDS = LOSS, GRADIENTS, PARAMETERS = ("loss", "gradients", "parameters")


def trajectory(
    student: Student, reference: Reference, run: Run, *, within: float | None = None
) -> None:
    """Hold the steps that `run(student)` takes against those of `run(reference)`.

    `run(owner)` yields after each step, of twelve at most, what is seen of it: a mapping with some
    of `loss`, a value; `gradients`, those that the step was made with, by the parameter's name;
    `parameters`, as they are after it. Mismatch says which step is the first that differs, and what
    of it: the loss, else the gradients, else the parameters. `within` is as for `agree`.
    RuntimeError where a run is of more steps, or of fewer than the other.
    """
    mine, right = run(student), run(reference)
    before: Mapping[str, Any] = {}
    for number in range(1, MOST_STEPS + 2):
        try:
            seen = next(mine, None)
        except Mismatch as found:
            if number == 1:
                raise
            message = _at(number, found.message)
            raise Mismatch(message, found.actual, found.expected, found.bounds) from None
        due = next(right, None)
        if seen is None and due is None:
            return
        if number > MOST_STEPS or seen is None or due is None:
            raise RuntimeError(f"two runs of unequal length, or of more than {MOST_STEPS} steps")
        before = _hold(number, _parts(seen), _parts(due), before, within)


def _hold(
    number: int,
    mine: Mapping[str, Any],
    right: Mapping[str, Any],
    before: Mapping[str, Any],
    within: float | None,
) -> Mapping[str, Any]:
    """Hold what is seen of one step; `before` is what was seen of the student's last one. What is
    seen of this one, by kind, with words for it."""
    told: dict[str, Any] = {}
    for kind in KINDS:
        if kind not in right:
            continue
        told[kind] = value = _named(kind, mine[kind])
        expected = _named(kind, right[kind])
        try:
            agree(value, expected, within=within)
        except Mismatch as found:
            truth = expected.truth if isinstance(expected, Expected) else expected
            remark = _remark(kind, value, truth, before.get(kind, {}), number)
            message = "\n".join(filter(None, [_at(number, found.message), remark]))
            raise Mismatch(
                message, found.actual, found.expected, found.bounds, is_related=bool(remark)
            ) from None
    return told


def _parts(seen: Any) -> Mapping[str, Any]:
    """What is seen of a step by its kind, each with the bounds of its own."""
    if not isinstance(seen, Expected):
        return dict(seen)
    found: dict[str, Any] = {}
    start = 0
    for kind, form in seen.form.items():
        end = start + sum(1 for _ in all_leaves(form))
        found[kind] = Expected(form, seen.truth[kind], seen.bounds[start:end])
        start = end
    return found


def _named(what: str, value: Any) -> Any:
    """A part of what is seen, with words for it: as `Expected` where it is the reference's, or
    plain."""
    if isinstance(value, Expected):
        form, truth = _named(what, value.form), _named(what, value.truth)
        return Expected(form, truth, value.bounds)
    if what == LOSS:
        return Named("{}", {say("the loss"): value})
    return Named(gradient_of() if what == GRADIENTS else say("`{}` after the step"), value)


def _at(number: int, what: str) -> str:
    """What differs in a step, with what went before."""
    if number == 1:
        return say("The first step is off. {what}", what=what)
    if number == 2:
        return say("Step 1 is as it should be, step 2 is off. {what}", what=what)
    return say(
        "Steps 1 to {last} are as they should be, step {number} is off. {what}",
        last=number - 1,
        number=number,
        what=what,
    )


def _remark(kind: str, mine: Named, right: Any, before: Mapping[str, Any], number: int) -> str:
    """What all gradients, or parameters, of a step have in common that should not be so, as a
    sentence; `before` are those of the student's last step."""
    got, due, last = (_flat(mine, right), _flat(right, right), _flat(before, right))
    if kind == LOSS or not _comparable(got, due):
        return ""
    has_last = number > 1 and _comparable(last, due)
    if kind == PARAMETERS:
        if has_last and torch.equal(got, last) and not _near(due, last):
            return say("Nothing has changed in this step.")
        return ""
    if not got.any():
        return say("All gradients are zero.")
    if has_last and _near(got, due + last):
        return say("The gradients of step {number} seem to be still in it.", number=number - 1)
    factor = float(got @ due / (due @ due).clamp(min=NEAR))
    if factor > 0 and _near(got, factor * due):
        return say("Every gradient is {factor:.4g} times what it should be.", factor=factor)
    return ""


def _flat(values: Mapping[str, Any], names: Mapping[str, Any]) -> torch.Tensor:
    """The elements of all tensors by these names, one after the other."""
    found = [values[name] for name in names if isinstance(values.get(name), torch.Tensor)]
    return torch.cat([torch.empty(0).double(), *(each.double().flatten() for each in found)])


def _comparable(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.shape == other.shape and one.numel() > 0 and bool(one.isfinite().all())


def _near(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two vectors are the same but for rounding, and for what is added to a norm."""
    return float((one - other).norm()) <= NEAR * max(float(other.norm()), NEAR)
