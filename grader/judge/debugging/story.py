"""Which calls show a failure, and what the last of them is held against.

A property speaks of many calls, and may hold two results against each other. One call mostly
suffices, with what is right for it: the reference's result, where the property says so itself, or
where some property of the exercise holds this function's results against the reference's, or where
the room's other right answers agree. What right answers may choose for themselves, such as random
numbers, is held by its form alone, or two results are held against each other.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from grader.judge.compare import Expected, Mismatch, all_leaves, what_differs
from grader.judge.reference import Reference, plain
from grader.judge.story import Story, Told, telling_what_draws, whole
from grader.judge.student import Example, Halt, Record, Student, StudentRaised
from grader.report import PropertyStatus
from grader.worker.invoke import Invocation, Outcome

MOST_CALLS = 12  # before the one that fails, that are tried and shown
LOWER = 4.0  # longer sums in lower precision may round worse than the bound allows for short ones

Functions = Mapping[str, Callable[..., Any]]  # of an answer, by name
Problem = Mismatch | StudentRaised | AssertionError | Halt


@dataclass(frozen=True)
class Failure:
    """A property that failed: what was raised, and the calls of the run in which it was.

    `with_the_reference` runs the property on the same input with the reference in the student's
    place: it may ask for what is right only after the student's call, which has raised.
    """

    name: str
    title: str
    message: str
    problem: Problem
    example: Example
    with_the_reference: Callable[[], object] = lambda: None

    @property
    def has_call(self) -> bool:
        """Whether a call is to blame, and not a function that is missing or still to be written."""
        records = self.example.records
        if not records:
            return False
        if not isinstance(self.problem, Halt):
            return True
        last = records[-1]
        is_open = last.outcome is None and last.raised is None and not last.is_heavy
        return self.problem.status is PropertyStatus.ERROR and is_open


@dataclass(frozen=True)
class Right:
    """What one leaf should be: the truth, how far off it may be (None: its form alone counts), and
    the dtype that it should have."""

    truth: Any
    within: float | None
    form: Any


@dataclass
class Check:
    """What the last call of a story is held against. Each part is None where it is not looked at.

    `same_as`: the number of an earlier call of the story that should give the same; `raises`: the
    exception that should come; `undisturbed`: torch's generator stays where it was.
    """

    value: Any = None
    has_value: bool = False
    gradients: list[Any] | None = None
    parameters: dict[str, Any] | None = None  # gradients of what objects hold, as `3.weight`
    changes: list[tuple[Any, Any]] | None = None
    backwards: Any = None
    raises: str | None = None
    same_as: int | None = None
    within: float = 0.0
    undisturbed: bool = False
    names: Sequence[str] = ()

    @property
    def tells(self) -> bool:
        """Whether it can tell right from wrong."""
        parts = (self.gradients, self.changes, self.backwards, self.raises, self.same_as)
        return self.has_value or self.undisturbed or any(part is not None for part in parts)


def story(
    failure: Failure, student: Student, reference: Reference, others: Sequence[Functions]
) -> tuple[list[Invocation], Check]:
    """The calls to make, and what the last of them is held against; `others` are right answers."""
    records = failure.example.records
    problem = failure.problem
    last = len(records) - 1
    for place in (last, *range(last)):
        record = records[place]
        if isinstance(record.call, Told):
            record = replace(record, call=anew(record.call, reference))
        check = _check(record.call, problem, reference, others, is_last=place == last)
        if not check.tells or (place != last and record.is_heavy):
            continue
        if (place == last and _is_raised(problem)) or not _holds(record, check):
            check.names = student.names_of(record.call.shown)
            if isinstance(record.call, Told):
                return [record.call], check
            return _enough(records[: place + 1], check, student), check
    if isinstance(problem, Mismatch) and (found := _twins(problem, records)):
        first, second, within = found
        between = records[first : second + 1]
        if len(between) > MOST_CALLS:
            between = [between[0], between[-1]]
        if not isinstance(between[-1].call, Told):
            return [record.call for record in between], Check(same_as=0, within=within)
        if isinstance(between[0].call, Told) and between[0].call.story is between[-1].call.story:
            told = anew(between[-1].call, reference)
            return [told.whole[between[0].call.place], told], Check(same_as=0, within=within)
    call = records[-1].call
    return [anew(call, reference) if isinstance(call, Told) else call], Check()


def anew(step: Told, reference: Reference) -> Told:
    """The step at the end of its story, told to the reference once more, by which its objects have
    their names."""
    reference.forget()
    story = Story(step.story.given)
    story.steps = [replace(each, story=story) for each in step.whole]
    for each in list(story.steps):
        with contextlib.suppress(Exception):
            reference.outcome(each)
    return story.steps[-1]


def _is_raised(problem: Problem) -> bool:
    return isinstance(problem, StudentRaised | Halt)


def _check(
    call: Invocation,
    problem: Problem,
    reference: Reference,
    others: Sequence[Functions],
    *,
    is_last: bool,
) -> Check:
    """What is right for a call, as far as it is known."""
    if call.generator:
        return Check(undisturbed=True)
    if call.way:  # the script makes the plain call, which tells nothing of it
        return Check()
    try:
        reference.outcome(call)
    except Exception as error:
        return Check(raises=_builtin(error))
    is_unique = call.function in reference.asked_for
    tensors = [tensor for each in whole(call) for tensor in each.tensors]
    if isinstance(call, Told):
        is_unique = not telling_what_draws(call, reference.functions)[1]
        others = ()
    told = _told(problem) if is_last else []
    form_only = is_last and isinstance(problem, Mismatch) and problem.bounds is None

    def part(take: Callable[[Outcome], Any]) -> Any:
        found = reference.expected(call, take)
        bounds = iter(found.bounds)
        agreed = iter(_agreed(call, take, found, others))
        low = any(t.is_floating_point() and t.dtype != torch.float64 for t in tensors)
        margin = LOWER if low else 1.0

        def leaf(truth: Any, form: Any) -> Any:
            within: float | None = margin * next(bounds)
            has_one_answer = next(agreed) or is_unique
            said = (
                [] if form_only else [bound for each, bound in told if _equal(each, truth, bound)]
            )
            if said:
                within = max([within or 0.0, *said]) if has_one_answer else said[0]
            elif not has_one_answer:
                within = None
            return Right(truth, within, form)

        return _zipped(leaf, found.truth, found.form)

    check = Check()
    if call.backwards is not None:
        check.backwards = part(lambda outcome: outcome.backwards)
    else:
        check.value, check.has_value = part(lambda outcome: outcome.value), True
    if call.cotangents is not None:
        check.gradients = part(lambda outcome: _filled(outcome.gradients or [], call))
        check.parameters = part(
            lambda o: {name: g for name, g in (o.parameters or {}).items() if g is not None}
        )
    if call.changes:
        check.changes = part(lambda o: [(each.value, each.grad) for each in o.changes or []])
    known = [each for each in _rights(check) if each.within is not None]
    if not known and not (is_last and (form_only or _is_raised(problem))):
        return Check()
    return check


def _agreed(
    call: Invocation, take: Callable[[Outcome], Any], right: Expected, others: Sequence[Functions]
) -> list[bool]:
    """For each leaf, whether all the other right answers give it too; none where there are none."""
    truths = list(all_leaves(right.truth))
    found: list[list[bool]] = []
    for functions in others:
        try:
            with torch.random.fork_rng(devices=[]):
                theirs = list(all_leaves(take(plain(functions[call.function], call))))
        except Exception:  # noqa: S112 - it lacks a package, or takes other arguments
            continue
        pairs = zip(theirs, truths, right.bounds, strict=False)
        same = [_equal(one, truth, 2 * LOWER * bound) for one, truth, bound in pairs]
        found.append(same if len(theirs) == len(truths) else [False] * len(truths))
    return [bool(found) and all(each) for each in zip(*found, strict=True)] or [False] * len(truths)


def _filled(gradients: Sequence[torch.Tensor | None], call: Invocation) -> list[torch.Tensor]:
    """Gradients, with zeros where none arrives."""
    inputs = [tensor for tensor in call.tensors if tensor.requires_grad]
    return [torch.zeros_like(x) if g is None else g for x, g in zip(inputs, gradients, strict=True)]


def _told(problem: Problem) -> list[tuple[Any, float]]:
    """The leaves that a property said are right, each with the greatest difference allowed."""
    if not isinstance(problem, Mismatch) or problem.bounds is None:
        return []
    return list(zip(all_leaves(problem.expected), problem.bounds, strict=True))


def _equal(one: Any, other: Any, bound: float) -> bool:
    """Whether two leaves have one form and agree within the bound."""
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        if one.shape != other.shape or one.is_floating_point() != other.is_floating_point():
            return False
    elif type(one) is not type(other):
        return False
    return what_differs("it", one, other, max(bound, 1e-12)) is None


def _zipped(leaf: Callable[[Any, Any], Any], truth: Any, form: Any) -> Any:
    """A value with `leaf` applied to each of its leaves."""
    if isinstance(truth, dict):
        return {key: _zipped(leaf, item, form[key]) for key, item in truth.items()}
    if isinstance(truth, list | tuple):
        return type(truth)(_zipped(leaf, *each) for each in zip(truth, form, strict=True))
    return leaf(truth, form)


def _rights(value: Any) -> Iterator[Right]:
    if isinstance(value, Check):
        for each in (
            value.value,
            value.gradients,
            value.parameters,
            value.changes,
            value.backwards,
        ):
            yield from _rights(each)
    elif isinstance(value, Right):
        yield value
    elif isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _rights(item)


def _builtin(error: Exception) -> str:
    """The nearest of Python's own exceptions."""
    kinds = (kind for kind in type(error).__mro__ if kind.__module__ == "builtins")
    return next(kinds).__name__


def _holds(record: Record, check: Check) -> bool:
    """Whether what was seen of a call is as it should be."""
    if check.raises is not None:
        return record.raised == check.raises
    outcome = record.outcome
    if outcome is None:
        return False
    if check.undisturbed:
        return not outcome.disturbed
    pairs: list[tuple[Any, Any]] = []
    if check.has_value:
        pairs.append((outcome.value, check.value))
    if check.gradients is not None:
        mine = outcome.gradients or []
        if len(mine) != len(check.gradients):
            return False
        pairs += [
            (torch.zeros_like(right.form) if gradient is None else gradient, right)
            for gradient, right in zip(mine, check.gradients, strict=True)
        ]
    for name, right in (check.parameters or {}).items():
        gradient = (outcome.parameters or {}).get(name)
        pairs.append((torch.zeros_like(right.form) if gradient is None else gradient, right))
    if check.changes is not None:
        changes = outcome.changes or []
        if outcome.disturbed or len(changes) != len(check.changes):
            return False
        for change, (value, grad) in zip(changes, check.changes, strict=True):
            pairs += [(change.value, value), (change.grad, grad)]
            if change.grad_object is not None:
                pairs.append((change.grad_object, grad))
    if check.backwards is not None:
        pairs.append((outcome.backwards, check.backwards))
    return all(_value_holds(*pair) for pair in pairs)


def _value_holds(mine: Any, right: Any) -> bool:
    if isinstance(right, dict):
        return (
            isinstance(mine, dict)
            and list(mine) == list(right)
            and all(_value_holds(mine[key], right[key]) for key in right)
        )
    if isinstance(right, list | tuple):
        return (
            isinstance(mine, list | tuple)
            and len(mine) == len(right)
            and all(map(_value_holds, mine, right))
        )
    assert isinstance(right, Right)
    if isinstance(right.form, torch.Tensor):
        if not isinstance(mine, torch.Tensor):
            return False
        if mine.shape != right.form.shape or mine.dtype != right.form.dtype:
            return False
    elif type(mine) is not type(right.form):
        return False
    return right.within is None or what_differs("it", mine, right.truth, right.within) is None


def _enough(records: Sequence[Record], check: Check, student: Student) -> list[Invocation]:
    """The fewest calls after which the last one fails as it did."""
    calls = [record.call for record in records]
    stories = [calls[-1:]]
    if len(calls) > 1:
        stories.append(calls[-2:])
    if 2 < len(calls) <= MOST_CALLS:
        stories.append(calls)
    for story in stories:
        if len(stories) == 1 or _fails(story, check, student):
            return story
    return stories[0]


def _fails(calls: Sequence[Invocation], check: Check, student: Student) -> bool:
    """Whether the last call fails when these are made in a worker of their own."""
    with contextlib.closing(student.twin()) as twin:
        twin.begin(0)
        try:
            for call in calls:
                with contextlib.suppress(Mismatch, StudentRaised):
                    twin.run(call)
        except Halt:
            return True
        records = twin.example.records
        return not _holds(records[-1], check)


def _twins(problem: Mismatch, records: Sequence[Record]) -> tuple[int, int, float] | None:
    """The two calls whose results a property held against each other, in their order, and how far
    apart these may be; None where it held something else."""
    if problem.bounds is None:
        return None
    places = []
    for value in (problem.actual, problem.expected):
        found = [place for place, record in enumerate(records) if _is_result(record, value)]
        if not found:
            return None
        places.append(found[-1])
    first, second = sorted(places)
    return None if first == second else (first, second, max(problem.bounds, default=0.0))


def _is_result(record: Record, value: Any) -> bool:
    if record.outcome is None or record.call.backwards is not None:
        return False
    mine, theirs = list(all_leaves(record.outcome.value)), list(all_leaves(value))
    return len(mine) == len(theirs) and all(
        _equal(*pair, 0.0) for pair in zip(mine, theirs, strict=True)
    )
