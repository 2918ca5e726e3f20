"""Compare what the student's code gave with what is right, and say how they differ."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from grader.language import say
from grader.wire import Stream

# float64 against float64: a thousand times coarser than honest rounding, ten thousand times finer
# than an offset of 1e-5.
RELATIVE_FLOAT64 = 1e-9
# Rounding of a sum that cancels is relative to its terms.
CANCELLATION_FLOAT64 = 1e-12
# How far rounding carries two right answers apart where the terms of their sums are of the order
# of 1: for laws that hold one result of the student's against another, or against torch's.
ROUNDING = 1e-10


class Mismatch(AssertionError):
    """The student's result is not what it should be; the message is for the student.

    `bounds` has the greatest difference allowed in each leaf, where form is right and values wrong.
    """

    def __init__(
        self,
        message: str,
        actual: Any = None,
        expected: Any = None,
        bounds: tuple[float, ...] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.actual = actual
        self.expected = expected
        self.bounds = bounds


@dataclass(frozen=True)
class Expected:
    """A right value: its form as the contract has it, and its truth with a bound for each leaf.

    `form` has the dtypes that a result must have; `truth` is the same in float64; `bounds` holds
    the greatest difference allowed in each leaf, in order.
    """

    form: Any
    truth: Any
    bounds: tuple[float, ...]


class Named(dict[str, Any]):
    """Values by the name of the argument that they belong to; `what` holds a place for the name."""

    def __init__(self, what: str, values: Any = ()) -> None:
        super().__init__(values)
        self.what = what


class Changed(list[Any]):
    """What became of the tensor arguments of a call: `(value, grad)` for each, with its name."""

    def __init__(self, names: Iterable[str], pairs: Iterable[tuple[Any, Any]]) -> None:
        super().__init__(pairs)
        self.names = list(names)


def agree(actual: Any, expected: Any, *, within: float | None = None) -> None:
    """Hold `actual` against `expected`, in form and in value; Mismatch says how they differ.

    `expected` is a plain value (tensors, numbers, tuples, ...) or what a call of the reference
    gives. `within` is the greatest absolute difference allowed; by default it follows from the
    reference's own rounding error, or for plain values from `RELATIVE_FLOAT64`, and is 0 for
    integers and bools.
    """
    if not isinstance(expected, Expected):
        expected = Expected(expected, expected, tuple(_default_bounds(expected)))
    same_form(actual, expected.form)
    bounds = expected.bounds if within is None else (within,) * len(expected.bounds)
    pairs = leaf_pairs(the_result(), actual, expected.truth)
    for (where, mine, right), bound in zip(pairs, bounds, strict=True):
        if message := what_differs(where, mine, right, bound):
            raise Mismatch(message, actual, expected.truth, bounds)


def same_form(actual: Any, expected: Any) -> None:
    """Hold the form of a result against the contract's: types, lengths, keys, shapes, dtypes."""
    _same_form(the_result(), actual, expected, (actual, expected))


def _same_form(where: str, actual: Any, expected: Any, whole: tuple[Any, Any]) -> None:
    if isinstance(expected, torch.Tensor):
        if not isinstance(actual, torch.Tensor):
            raise Mismatch(_is(where, a_kind(actual), say("a tensor")), *whole)
        if actual.shape != expected.shape:
            raise Mismatch(
                say(
                    "{where} has shape {mine}; it should be {right}.",
                    where=_sentence(where),
                    mine=shape(actual),
                    right=shape(expected),
                ),
                *whole,
            )
        if actual.dtype != expected.dtype:
            raise Mismatch(
                say(
                    "{where} has dtype {mine}; it should be {right}.",
                    where=_sentence(where),
                    mine=dtype(actual),
                    right=dtype(expected),
                ),
                *whole,
            )
    elif isinstance(expected, list | tuple):
        if not isinstance(actual, list | tuple):
            raise Mismatch(_is(where, a_kind(actual), a_kind(expected)), *whole)
        if len(actual) != len(expected):
            raise Mismatch(
                say(
                    "{where} has {mine} parts; it should have {right}.",
                    where=_sentence(where),
                    mine=len(actual),
                    right=len(expected),
                ),
                *whole,
            )
        for place, mine, right in paired_items(where, actual, expected):
            _same_form(place, mine, right, whole)
    elif isinstance(expected, dict):
        if not isinstance(actual, dict):
            raise Mismatch(_is(where, a_kind(actual), a_kind({})), *whole)
        if list(actual) != list(expected):
            raise Mismatch(
                say(
                    "{where} has the keys {mine}; they should be {right}.",
                    where=_sentence(where),
                    mine=short(list(actual), 400),
                    right=short(list(expected), 400),
                ),
                *whole,
            )
        for place, mine, right in paired_items(where, actual, expected):
            _same_form(place, mine, right, whole)
    elif type(actual) is not type(expected):
        raise Mismatch(_is(where, a_kind(actual), a_kind(expected)), *whole)


def leaf_pairs(where: str, actual: Any, expected: Any) -> Iterator[tuple[str, Any, Any]]:
    """The leaves of two values of one form, side by side."""
    if isinstance(expected, list | tuple | dict):
        for place, mine, right in paired_items(where, actual, expected):
            yield from leaf_pairs(place, mine, right)
    else:
        yield where, actual, expected


def paired_items(where: str, actual: Any, expected: Any) -> Iterator[tuple[str, Any, Any]]:
    """The items of two containers of one form, each with the words for its place."""
    base = "result" if where == the_result() else where.strip("`")
    if isinstance(expected, Changed):
        for name, mine, right in zip(expected.names, actual, expected, strict=True):
            yield say("`{name}` after the call", name=name), mine[0], right[0]
            yield say("`{name}` after the call", name=f"{name}.grad"), mine[1], right[1]
    elif isinstance(expected, Named):
        for name, right in expected.items():
            yield expected.what.format(name), actual[name], right
    elif isinstance(expected, dict):
        for key, right in expected.items():
            yield f"`{base}[{key!r}]`", actual[key], right
    else:
        for index, (mine, right) in enumerate(zip(actual, expected, strict=True)):
            yield f"`{base}[{index}]`", mine, right


def all_leaves(value: Any) -> Iterator[Any]:
    """The leaves of `value`, tensors and others, in order."""
    for _, leaf, _ in leaf_pairs("", value, value):
        yield leaf


def _default_bounds(value: Any) -> Iterator[float]:
    # A leaf that is nought may be so because terms of the others' size cancel.
    leaves = list(all_leaves(value))
    floor = CANCELLATION_FLOAT64 * max(1.0, *map(magnitude, leaves), 0.0)
    for leaf in leaves:
        yield RELATIVE_FLOAT64 * magnitude(leaf) + floor


def magnitude(leaf: Any) -> float:
    """The greatest finite absolute value in a floating leaf; 0 for any other."""
    if isinstance(leaf, float):
        return abs(leaf) if leaf - leaf == 0 else 0.0
    if not isinstance(leaf, torch.Tensor) or not leaf.is_floating_point() or not leaf.numel():
        return 0.0
    return float(leaf.detach().double().abs().nan_to_num(0.0, 0.0, 0.0).max())


def what_differs(where: str, actual: Any, right: Any, bound: float) -> str | None:
    """How two leaves of one form differ by more than `bound`, as a sentence; None if they agree."""
    if isinstance(right, float):
        actual, right = (torch.tensor(x, dtype=torch.float64) for x in (actual, right))
    if not isinstance(right, torch.Tensor):
        if actual != right:
            return _is(where, short(actual), short(right))
        return None
    wrong, difference = differences(actual, right, bound)
    if not wrong.any():
        return None
    count, total = int(wrong.sum()), wrong.numel()
    if total == 1:
        mine, truth = numbers(actual, right)
        return _is(where, mine, truth)
    counts = {"count": count, "total": total, "where": where}
    if count == 1:
        how = say("{count} of {total} elements of {where} is wrong", **counts)
    else:
        how = say("{count} of {total} elements of {where} are wrong", **counts)
    place = worst(wrong, difference)
    mine, truth = numbers(actual[place], right[place])
    greatest = float(difference[place])
    at = list(place)
    if greatest < float("inf"):
        how += say("; the greatest difference is {size:.3g} at {place}", size=greatest, place=at)
    else:
        how += say(", first of all at {place}", place=at)
    return how + say(": {mine} where {right} is right.", mine=mine, right=truth)


def differences(
    actual: torch.Tensor, right: torch.Tensor, bound: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Which elements differ by more than `bound`, and by how much (inf where one is not finite)."""
    if not right.is_floating_point():
        return actual != right, (actual.double() - right.double()).abs()
    mine, truth = actual.detach().double(), right.detach().double()
    same = (mine == truth) | (mine.isnan() & truth.isnan())
    gap = (mine - truth).abs()
    gap = gap.masked_fill(~gap.isfinite(), float("inf"))
    gap = gap.masked_fill(same, 0.0)
    return gap > bound, gap


def worst(wrong: torch.Tensor, difference: torch.Tensor) -> tuple[int, ...]:
    """Where the greatest difference is among the elements that are wrong."""
    # Not by torch.unravel_index, which imports sympy: half a second.
    within = difference.where(wrong, -torch.ones_like(difference))
    return tuple((within == within.max()).nonzero()[0].tolist())


# --- words ---------------------------------------------------------------------------------------


def the_result() -> str:
    """What a whole result is called."""
    return say("the result")


def _is(where: str, mine: str, right: str) -> str:
    subject = _sentence(where)
    return say("{where} is {mine}; it should be {right}.", where=subject, mine=mine, right=right)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def shape(tensor: torch.Tensor) -> str:
    """A shape as a person writes it: `(2, 3)`."""
    return str(tuple(tensor.shape))


def dtype(tensor: torch.Tensor) -> str:
    """A dtype without its module: `float32`."""
    return str(tensor.dtype).removeprefix("torch.")


def a_kind(value: Any) -> str:
    """What sort of thing `value` is: "a tensor", "a tuple of 2", "an int", "None"."""
    if value is None:
        return "None"
    if isinstance(value, torch.Tensor):
        return say("a tensor")
    name = type(value).__name__
    if isinstance(value, tuple | list):
        return say("a {type} of {length}", type=name, length=len(value))
    return say("an {type}", type=name) if name[0] in "aeiou" else say("a {type}", type=name)


def numbers(*values: torch.Tensor) -> tuple[str, ...]:
    """Single elements, with as many digits as tell them apart, six at least."""
    items = [value.item() for value in values]
    for digits in (6, 9, 12, 17):
        texts = tuple(f"{x:.{digits}g}" if isinstance(x, float) else str(x) for x in items)
        if len(set(texts)) == len(texts):
            break
    return texts


def short(value: Any, most: int = 120) -> str:
    """`repr`, cut where it is long."""
    text = repr(tuple(value.items) if isinstance(value, Stream) else value)
    return text if len(text) <= most else text[: most - 1] + "…"
