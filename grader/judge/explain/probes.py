"""Calls to tell mistakes apart by: what all properties of an exercise ask of a right answer.

A failing property shows the smallest input that fails, on which many mistakes look alike, and those
that need it are not tried. So the reference takes the submission's place in every property, and the
calls are kept: those in general position first (sizes of two and more, all distinct, no zeros, no
ties, every option used), one of each kind after the other. They depend on the exercise alone.
"""

import contextlib
import inspect
import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import hypothesis
import torch

from grader.judge import room
from grader.judge.compare import Expected, all_leaves
from grader.judge.profile import PROFILE_NAME, no_local_constants
from grader.judge.reference import Reference, ReferenceFunction
from grader.judge.story import Told, whole
from grader.judge.student import Example, Halt, Record, StandIn, Student, StudentRaised
from grader.wire import Stream, leaves, mapped
from grader.worker.invoke import Invocation, Outcome

EXAMPLES = 6  # of each property
PLAIN = 10  # times as many, and probes too, where a function gets no tensors: such calls are quick
MOST_CALLS = 120  # of each property
MOST_PROBES = 160
STORIES = 12  # steps with objects, of each property
MOST_STORIES = 24  # each is told anew, from its beginning, to every mistake
MOST_ELEMENTS = 10_000  # of a call's arguments: with large inputs every mistake would take its time
LARGE = 50.0
SMALL = 1e-3
MOST_PLACES = 8  # of parametrized properties
MOST_FILES = 4  # whose calls are kept

_found: dict[object, list[Record]] = {}


class _Enough(BaseException):
    """A property has shown what it asks."""


class _Listener(StandIn):
    """The reference in the submission's place, with the calls noted."""

    def __init__(self, student: Student, reference: Reference) -> None:
        super().__init__(student)
        self.reference = reference
        self.noted: list[Record] = []

    def run(self, call: Invocation) -> Outcome:
        """Make one call of the reference, and note it with what is right."""
        if isinstance(call, Told):
            return self._told(call)
        if sum(tensor.numel() for tensor in call.tensors) > MOST_ELEMENTS:
            raise _Enough
        if len(self.noted) >= MOST_CALLS * (1 if call.tensors else PLAIN):
            raise _Enough
        try:
            outcome = super().run(call)
        except StudentRaised as error:
            self.noted.append(Record(call, None, error.type_name))
            raise
        self.noted.append(Record(call, outcome, None))
        return outcome

    def _told(self, step: Told) -> Outcome:
        """Take one step, and note it where it shows something."""
        tensors = [tensor for each in step.whole for tensor in each.tensors]
        if sum(tensor.numel() for tensor in tensors) > MOST_ELEMENTS or len(self.noted) >= STORIES:
            raise _Enough
        outcome = super().run(step)
        if outcome.held < 0 and not step.is_quiet and step.function:
            self.noted.append(Record(step, outcome, None))
        return outcome


class _Unbounded(Reference):
    """A reference whose results hold of anything: to find their bounds takes most of the time."""

    def __getattr__(self, name: str) -> Any:
        found = super().__getattr__(name)
        return _UnboundedFunction(self, name) if isinstance(found, ReferenceFunction) else found

    def _expected(self, step: Told, part: Callable[[Outcome], Any]) -> Expected:
        return _unbounded(mapped(torch.Tensor.detach, part(self.outcome(step))))


class _UnboundedFunction(ReferenceFunction):
    def _expected(self, call: Invocation, part: Callable[[Outcome], Any]) -> Expected:
        return _unbounded(mapped(torch.Tensor.detach, part(self.reference.outcome(call))))


def _unbounded(form: Any) -> Expected:
    return Expected(form, form, (float("inf"),) * sum(1 for _ in all_leaves(form)))


def probes(
    properties: Path,
    student: Student,
    reference: Reference,
    *,
    seed: int = 0,
    examples: int = EXAMPLES,
    most: int = MOST_PROBES,
) -> list[Record]:
    """Calls that tell mistakes apart, with what is right, at most `most`: the best first.

    `student` is not called. The same file, seed and number of `examples` give the same calls.
    """
    key = properties, properties.stat().st_mtime_ns, seed, examples, most
    if key not in _found:
        if len(_found) >= MOST_FILES:
            _found.clear()
        _found[key] = _probes(properties, student, reference, seed, examples, most)
    return _found[key]


def _probes(
    properties: Path, student: Student, reference: Reference, seed: int, examples: int, most: int
) -> list[Record]:
    hypothesis.settings.load_profile(PROFILE_NAME)
    module = room.load(properties)
    reference = _Unbounded(reference.functions, reference.given_by)
    found: list[Record] = []
    for name, function in list(vars(module).items()):  # a warning adds to them
        if not name.startswith("test") or not callable(function) or _is_timed(function):
            continue
        listener = _Listener(student, reference)
        with no_local_constants():
            _listen(function, listener, reference, seed, examples)
        found += (record for record in listener.noted if record.is_small)
    ranked = list(_in_turn(found))
    stories = [record for record in ranked if isinstance(record.call, Told)]
    calls = [record for record in ranked if not isinstance(record.call, Told)]
    plain = [record for record in calls if not record.call.tensors]
    others = [record for record in calls if record.call.tensors]
    return [*others[:most], *stories[:MOST_STORIES], *plain[: most * PLAIN]]


def _listen(
    function: Callable[..., Any],
    listener: _Listener,
    reference: Reference,
    seed: int,
    examples: int,
) -> None:
    """Run one property with `listener` in the submission's place, as often as it may."""
    given = {"student": listener, "reference": reference, "seed": seed, "clock": None}
    handle = getattr(function, "hypothesis", None)
    if handle is not None:
        hypothesis.seed(seed)(function)
        handle.inner_test = _at_most(handle.inner_test, listener, examples)
    for place in itertools.islice(_places(function), MOST_PLACES):
        wanted = inspect.signature(function).parameters
        known = given | place
        if not set(wanted) <= set(known):
            return  # it asks for a fixture of its own
        # Whatever it raises, the grading speaks of it.
        with contextlib.suppress(_Enough, Halt, Exception):
            listener.example = Example()
            function(**{name: known[name] for name in wanted})


def _at_most(inner: Callable[..., Any], listener: _Listener, examples: int) -> Callable[..., Any]:
    """`inner`, which ends the property after so many examples."""
    count = itertools.count()

    def run(*args: Any, **kwargs: Any) -> None:
        is_plain = not any(record.call.tensors for record in listener.noted[:1])
        if next(count) >= examples * (PLAIN if is_plain else 1):
            raise _Enough
        listener.example = Example()
        inner(*args, **kwargs)

    return run


def _places(function: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """The arguments that `pytest.mark.parametrize` gives a property, combination by combination."""
    columns: list[list[dict[str, Any]]] = []
    for mark in getattr(function, "pytestmark", []):
        if mark.name != "parametrize" or len(mark.args) < 2:
            continue
        names, rows = mark.args[0], mark.args[1]
        names = [name.strip() for name in names.split(",")] if isinstance(names, str) else names
        columns.append([])
        for row in rows:
            values = getattr(row, "values", row)
            values = values if isinstance(values, tuple) else (values,)
            columns[-1].append(dict(zip(names, values, strict=False)))
    for combination in itertools.product(*columns):
        yield {name: value for part in combination for name, value in part.items()}


def _is_timed(function: Any) -> bool:
    return any(mark.name == "speed" for mark in getattr(function, "pytestmark", []))


def _in_turn(records: Sequence[Record]) -> Iterator[Record]:
    """The best call of each kind, then the second best of each, and so on."""
    kinds: dict[object, list[tuple[float, int, Record]]] = {}
    for number, record in enumerate(records):
        item = off_position(record.call), number, record
        kinds.setdefault(_kind(record), []).append(item)
    ranked = [sorted(each, key=lambda item: item[:2]) for each in kinds.values()]
    ranked.sort(key=lambda each: each[0][:2])
    for row in itertools.zip_longest(*ranked):
        yield from (item[-1] for item in row if item is not None)


def _kind(record: Record) -> object:
    """What two calls have in common that ask the same of an answer, for other numbers."""
    call = record.call
    asked = (
        tuple(tensor.requires_grad for tensor in call.tensors),
        call.cotangents is not None,
        call.changes,
        call.backwards is not None,
        call.generator,
    )
    named = sorted((name, _form(value)) for name, value in call.kwargs.items())
    step = (call.kind, call.name) if isinstance(call, Told) else ()
    return call.function, step, tuple(map(_form, call.args)), tuple(named), asked, record.raised


def _form(value: Any) -> str:
    """An argument without its numbers: what is peculiar about it."""
    if isinstance(value, torch.Tensor):
        marks = [str(value.dtype), str(value.dim()), *sorted(_peculiar(value))]
        if value.is_leaf and value.grad is not None:
            marks.append(f"grad({_form(value.grad)})")
        return " ".join(marks)
    if isinstance(value, Stream):
        return f"stream({_form(list(value.items))})"
    if isinstance(value, dict):
        return f"dict({sorted(set(map(_form, value.values())))}, {bool(value)})"
    if isinstance(value, list | tuple):
        length = min(len(value), 2)
        return f"{type(value).__name__}{length}({sorted(set(map(_form, value)))})"
    if value is None or isinstance(value, bool | str):
        return repr(value)[:40]
    if isinstance(value, int | float):
        sign = (value > 0) - (value < 0)
        return f"{type(value).__name__} {sign} {abs(value) == 1} {abs(value) == float('inf')}"
    return type(value).__name__


def _peculiar(tensor: torch.Tensor) -> Iterator[str]:
    if not tensor.numel():
        yield "empty"
        return
    if 1 in tensor.shape:
        yield "one"
    if not tensor.is_contiguous():
        yield "strided"
    if tensor.is_floating_point():
        size = tensor.detach().double().abs()
        if not size.isfinite().all():
            yield "infinite"
        elif size.max() > LARGE:
            yield "large"
        elif 0 < size.max() < SMALL:
            yield "small"
        if not size.any():
            yield "zero"


def off_position(call: Invocation) -> float:
    """How far a call is from general position; 0 where nothing in it coincides by chance."""
    off = 0.0
    calls = [(each.args, each.kwargs) for each in whole(call)]
    for tensor in leaves(calls):
        off += sum(size < 2 for size in tensor.shape)
        off += 0.5 * (len(tensor.shape) - len(set(tensor.shape)))
        if not tensor.numel():
            off += 2
        elif tensor.is_floating_point():
            flat = tensor.detach().double().flatten()
            off += 4 * float((flat == 0).double().mean())
            off += 1 - len(set(flat.abs().tolist())) / len(flat)
            off += float(tensor.dtype != torch.float64) + 2 * float(not flat.isfinite().all())
    for value in (value for args, kwargs in calls for value in (*args, *kwargs.values())):
        off += value is None or (isinstance(value, list | tuple | dict) and len(value) < 2)
    return off
