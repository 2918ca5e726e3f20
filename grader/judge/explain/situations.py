"""Where an answer is wrong, when it is right everywhere else: for one dtype, without a mask, twice.

Such a mistake gives no results that could be foretold; it is told by the situation that all wrong
calls share, and no right one.
"""

import math
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from grader.judge.compare import LOW_DTYPES, Mismatch
from grader.judge.explain.diagnosis import Case, Suspect, Witness, same
from grader.judge.reference import tensors_by_name
from grader.judge.student import Halt, Record, StudentRaised
from grader.language import say
from grader.wire import Stream, leaves
from grader.worker.invoke import Invocation

FEWEST = 5  # calls in the situation, and out of it
LARGE = 50.0
MOST_LONG = 10**6
TRIED = 2  # calls that are made again in a worker of their own

Condition = Callable[[Invocation], bool]


@dataclass(frozen=True)
class Situation(Suspect):
    """An answer that is wrong in one situation, and right in all others."""

    holds: Condition

    def explains(self, witness: Witness) -> bool:
        """Whether the call is wrong just where the situation is given."""
        return witness.is_wrong == self.holds(witness.call)

    def is_evident(self, witnesses: list[Witness]) -> bool:
        """Whether there were calls enough in the situation, and out of it; where all is 0, much is
        right by chance."""
        told = [self.holds(w.call) for w in witnesses if all(map(_has_numbers, w.call.tensors))]
        return min(told.count(True), told.count(False)) >= FEWEST


def situations(case: Case) -> Iterator[Suspect]:
    """The situations in which the first wrong call of `case` stands."""
    if not case.wrong or case.tells_stories:
        return
    first = case.wrong[0].call
    function = case.reference.functions[first.function]
    for name, where, condition in _conditions(function, first, case):
        if condition(first):
            yield Situation(name, say("It is right, except {where}.", where=where), condition)


def _conditions(
    function: Callable[..., Any], first: Invocation, case: Case
) -> Iterator[tuple[str, str, Condition]]:
    if len(case.reference.functions) > 1:
        where = say("in `{name}`", name=first.function)
        yield "InOneFunction", where, lambda call: call.function == first.function
    dtypes = {t.dtype for t in first.tensors if t.is_floating_point()}
    for dtype in dtypes - {torch.float64}:
        where = say("in {dtype}", dtype=str(dtype).removeprefix("torch."))
        yield "InOneDtype", where, partial(_has_dtype, dtype=dtype)
    yield (
        "InLowPrecision",
        say("in dtypes other than float64"),
        lambda call: any(_has_dtype(call, dtype) for dtype in LOW_DTYPES),
    )
    yield (
        "InHalfPrecision",
        say("in half precision (bfloat16 and float16)"),
        lambda call: any(_has_dtype(call, dtype) for dtype in LOW_DTYPES[1:]),
    )
    yield (
        "NotContiguous",
        say("where a tensor is not contiguous in memory"),
        lambda call: any(not t.is_contiguous() for t in call.tensors),
    )
    yield (
        "InGradients",
        say("where gradients are asked for"),
        lambda call: call.cotangents is not None,
    )
    yield (
        "SomeWantNoGradient",
        say("where some arguments require no gradient, and others do"),
        lambda call: len({t.requires_grad for t in call.tensors if t.is_floating_point()}) > 1,
    )
    yield (
        "Large",
        say("where there are large numbers"),
        lambda call: any(_largest(t) > LARGE for t in call.tensors),
    )
    yield (
        "Infinite",
        say("where there are infinite numbers or nan"),
        lambda call: any(t.is_floating_point() and not t.isfinite().all() for t in call.tensors),
    )
    yield (
        "Empty",
        say("where a tensor is empty"),
        lambda call: any(not t.numel() for t in call.tensors),
    )
    yield from _of_arguments(function, first, case)


def _of_arguments(
    function: Callable[..., Any], first: Invocation, case: Case
) -> Iterator[tuple[str, str, Condition]]:
    """Situations that one argument makes, or two of one size."""

    def value(call: Invocation, name: str) -> Any:
        return case.arguments(call).get(name)

    def of(name: str, holds: Callable[[Any], bool]) -> Condition:
        return lambda call: call.function == first.function and holds(value(call, name))

    for name, given in case.arguments(first).items():
        if given is None:
            where = say("where `{name}` is None", name=name)
            yield "WithoutOption", where, of(name, lambda x: x is None)
        else:
            where = say("where `{name}` is given", name=name)
            yield "WithOption", where, of(name, lambda x: x is not None)
        if isinstance(given, bool | str):
            where = say("where `{name}` is {value}", name=name, value=repr(given)[:40])
            yield "WithValue", where, of(name, partial(_is_equal, given))
        elif isinstance(given, int | float):
            for wanted in (given, 0, 1, math.inf):
                if given == wanted:
                    where = say("where `{name}` is {value}", name=name, value=f"{given:g}")
                    yield "WithValue", where, of(name, partial(_is_equal, wanted))
            above = say("where `{name}` is more than 1", name=name)
            yield "AboveOne", above, of(name, lambda x: isinstance(x, int | float) and x > 1)
            negative = say("where `{name}` is negative", name=name)
            yield "Negative", negative, of(name, lambda x: isinstance(x, int | float) and x < 0)
        elif isinstance(given, torch.Tensor):
            for axis in range(given.dim()):
                where = say("where axis {axis} of `{name}` has length 1", axis=axis, name=name)
                yield "OfLengthOne", where, of(name, partial(_is_long, axis=axis, lengths=(1,)))
                where = say("where axis {axis} of `{name}` is longer than 1", axis=axis, name=name)
                yield (
                    "LongerThanOne",
                    where,
                    of(name, partial(_is_long, axis=axis, lengths=range(2, MOST_LONG))),
                )
                where = say("where axis {axis} of `{name}` has length 0", axis=axis, name=name)
                yield "OfLengthZero", where, of(name, partial(_is_long, axis=axis, lengths=(0,)))
            if given.is_floating_point():
                where = say("where `{name}` has zeros", name=name)
                yield "WithZeros", where, of(name, _has_zeros)
                where = say("where `{name}` has negative numbers", name=name)
                yield "WithNegative", where, of(name, _has_negative)
                where = say("where `{name}` has large numbers", name=name)
                yield "LargeArgument", where, of(name, lambda x: _largest(x) > LARGE)
        elif isinstance(given, list | tuple | dict | Stream):
            where = say("where `{name}` is empty", name=name)
            yield "EmptyArgument", where, of(name, lambda x: _count(x) == 0)
            where = say("where `{name}` has more than one item", name=name)
            yield "SeveralItems", where, of(name, lambda x: _count(x) > 1)
            where = say("where `{name}` has a single item", name=name)
            yield "OneItem", where, of(name, lambda x: _count(x) == 1)
    yield from _of_sizes(function, first)


def _of_sizes(
    function: Callable[..., Any], first: Invocation
) -> Iterator[tuple[str, str, Condition]]:
    """Two sizes that need not be equal, and are."""
    tensors = tensors_by_name(function, first)
    axes = [(name, axis) for name, t in tensors.items() for axis in range(t.dim())][:16]

    def size(call: Invocation, name: str, axis: int) -> int:
        if call.function != first.function:
            return -1
        found = tensors_by_name(function, call).get(name)
        return -1 if found is None or axis >= found.dim() else found.shape[axis]

    for number, (one, a) in enumerate(axes):
        for other, b in axes[number + 1 :]:
            if tensors[one].shape[a] != tensors[other].shape[b]:
                continue
            where = say(
                "where axis {a} of `{one}` is as long as axis {b} of `{other}`",
                a=a,
                one=one,
                b=b,
                other=other,
            )

            def alike(
                call: Invocation, one: str = one, a: int = a, other: str = other, b: int = b
            ) -> bool:
                return size(call, one, a) == size(call, other, b) >= 0

            yield "SizesAlike", where, alike


def _has_dtype(call: Invocation, dtype: torch.dtype) -> bool:
    return any(tensor.dtype == dtype for tensor in leaves((call.args, call.kwargs)))


def _is_equal(wanted: Any, value: Any) -> bool:
    return isinstance(value, int | float | str) and bool(value == wanted)


def _is_long(value: Any, axis: int, lengths: Container[int]) -> bool:
    is_there = isinstance(value, torch.Tensor) and axis < value.dim()
    return is_there and value.shape[axis] in lengths


def _has_numbers(tensor: torch.Tensor) -> bool:
    """Whether it is not all zeros; an empty one may be."""
    return not tensor.is_floating_point() or not tensor.numel() or bool(tensor.any())


def _count(value: Any) -> int:
    items = value.items if isinstance(value, Stream) else value
    return len(items) if isinstance(items, list | tuple | dict) else -1


def _largest(value: Any) -> float:
    if not isinstance(value, torch.Tensor) or not value.is_floating_point() or not value.numel():
        return 0.0
    return float(value.detach().double().abs().nan_to_num(math.inf).max())


def _has_zeros(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and bool((value == 0).any())


def _has_negative(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and bool((value < 0).any())


# --- what is kept between calls ------------------------------------------------------------------


@dataclass(frozen=True)
class Kept(Suspect):
    """An answer that gives something else when something was called before."""

    def explains(self, witness: Witness) -> bool:
        """Any call may go wrong, or not."""
        del witness
        return True


def kept(case: Case) -> Suspect | None:
    """That calls go wrong because of those before them: alone, in a new worker, they are right."""
    calls = case.wrong[:TRIED]
    if any(w.record.outcome is None and w.record.raised is None for w in calls):
        return None  # it did not come back
    if not calls or not all(_is_right_alone(case, witness) for witness in calls):
        return None
    return Kept(
        "StateKept",
        say(
            "The same call is right when it comes first, and wrong after others: something is kept"
            " between calls (a global, a default argument that is changed, a cache, random"
            " numbers)."
        ),
    )


def _is_right_alone(case: Case, witness: Witness) -> bool:
    twin = case.student.twin()
    try:
        twin.begin(0)
        outcome = twin.again(witness.call)
    except (Mismatch, StudentRaised, Halt):
        return False
    finally:
        twin.close()
    return same(Record(witness.call, outcome, None), witness.right)
