"""Compare what the student's code gave with what is right, and say how they differ."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from grader.wire import Stream

# float64 against float64: a thousand times coarser than honest rounding, ten thousand times finer
# than an offset of 1e-5.
RELATIVE_FLOAT64 = 1e-9
# Rounding of a sum that cancels is relative to its terms.
CANCELLATION_FLOAT64 = 1e-12
# How far rounding carries two right answers apart where the terms of their sums are of the order
# of 1: for laws that hold one result of the student's against another, or against torch's.
ROUNDING = 1e-10

# The words for a result as a whole.
WHOLE = "the result"


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
    pairs = leaf_pairs(WHOLE, actual, expected.truth)
    for (where, mine, right), bound in zip(pairs, bounds, strict=True):
        if message := what_differs(where, mine, right, bound):
            raise Mismatch(message, actual, expected.truth, bounds)


def same_form(actual: Any, expected: Any) -> None:
    """Hold the form of a result against the contract's: types, lengths, keys, shapes, dtypes."""
    _same_form(WHOLE, actual, expected, (actual, expected))


def _same_form(where: str, actual: Any, expected: Any, whole: tuple[Any, Any]) -> None:
    if isinstance(expected, torch.Tensor):
        if not isinstance(actual, torch.Tensor):
            raise Mismatch(
                f"{_sentence(where)} is {a_kind(actual)}; it should be a tensor.", *whole
            )
        if actual.shape != expected.shape:
            raise Mismatch(
                f"{_sentence(where)} has shape {shape(actual)}; it should be {shape(expected)}.",
                *whole,
            )
        if actual.dtype != expected.dtype:
            raise Mismatch(
                f"{_sentence(where)} has dtype {dtype(actual)}; it should be {dtype(expected)}.",
                *whole,
            )
    elif isinstance(expected, list | tuple):
        if not isinstance(actual, list | tuple):
            raise Mismatch(
                f"{_sentence(where)} is {a_kind(actual)}; it should be {a_kind(expected)}.", *whole
            )
        if len(actual) != len(expected):
            raise Mismatch(
                f"{_sentence(where)} has {len(actual)} parts; it should have {len(expected)}.",
                *whole,
            )
        for place, mine, right in paired_items(where, actual, expected):
            _same_form(place, mine, right, whole)
    elif isinstance(expected, dict):
        if not isinstance(actual, dict):
            raise Mismatch(f"{_sentence(where)} is {a_kind(actual)}; it should be a dict.", *whole)
        if list(actual) != list(expected):
            raise Mismatch(
                f"{_sentence(where)} has the keys {list(actual)}; they should be {list(expected)}.",
                *whole,
            )
        for place, mine, right in paired_items(where, actual, expected):
            _same_form(place, mine, right, whole)
    elif type(actual) is not type(expected):
        raise Mismatch(
            f"{_sentence(where)} is {a_kind(actual)}; it should be {a_kind(expected)}.", *whole
        )


def leaf_pairs(where: str, actual: Any, expected: Any) -> Iterator[tuple[str, Any, Any]]:
    """The leaves of two values of one form, side by side."""
    if isinstance(expected, list | tuple | dict):
        for place, mine, right in paired_items(where, actual, expected):
            yield from leaf_pairs(place, mine, right)
    else:
        yield where, actual, expected


def paired_items(where: str, actual: Any, expected: Any) -> Iterator[tuple[str, Any, Any]]:
    """The items of two containers of one form, each with the words for its place."""
    base = "result" if where == WHOLE else where.strip("`")
    if isinstance(expected, Changed):
        for name, mine, right in zip(expected.names, actual, expected, strict=True):
            yield f"`{name}` after the call", mine[0], right[0]
            yield f"`{name}.grad` after the call", mine[1], right[1]
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
            return f"{_sentence(where)} is {short(actual)}; it should be {short(right)}."
        return None
    wrong, difference = differences(actual, right, bound)
    if not wrong.any():
        return None
    count, total = int(wrong.sum()), wrong.numel()
    if total == 1:
        mine, truth = numbers(actual, right)
        return f"{_sentence(where)} is {mine}; it should be {truth}."
    how = f"{count} of {total} elements of {where} {'is' if count == 1 else 'are'} wrong"
    place = worst(wrong, difference)
    mine, truth = numbers(actual[place], right[place])
    greatest = float(difference[place])
    if greatest < float("inf"):
        how += f"; the greatest difference is {greatest:.3g} at {list(place)}"
    else:
        how += f", first of all at {list(place)}"
    return f"{how}: {mine} where {truth} is right."


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
    place = difference.where(wrong, -torch.ones_like(difference)).argmax()
    return tuple(int(i) for i in torch.unravel_index(place, wrong.shape))


# --- words ---------------------------------------------------------------------------------------


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
        return "a tensor"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


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
