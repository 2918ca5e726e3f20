"""Compare what the student's code gave with what is right, and say how they differ."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from grader.language import say
from grader.wire import Stream, leaves

# float64 against float64: a thousand times coarser than honest rounding, ten thousand times finer
# than an offset of 1e-5.
RELATIVE_FLOAT64 = 1e-9
# Rounding of a sum that cancels is relative to its terms.
LOW_DTYPES = (torch.float32, torch.bfloat16, torch.float16)  # below float64
CANCELLATION_FLOAT64 = 1e-12
# How far rounding carries two right answers apart where the terms of their sums are of the order
# of 1: for laws that hold one result of the student's against another, or against torch's.
ROUNDING = 1e-10
# Elements that are compared at a time, so that a result costs little more memory than its bytes.
CHUNK = 1 << 19
MOST_KEYS = 200  # characters of a list in a sentence
FEW_KEYS = 70  # characters of a dict's keys, of which all are said


# How far a result may be off that was computed in float32 where float64 is due, relative to its
# size, once its dtype is nobody's concern.
RELATIVE_FLOAT32 = 2e-5
INEXACT = (torch.float32, torch.float64)

_wrong_dtypes: "list[Mismatch] | None" = None


@contextlib.contextmanager
def dtypes_apart(*, wanted: bool = True) -> "Iterator[list[Mismatch]]":
    """For a while, where it is `wanted`, hold results in float32 or float64 by their values alone
    where another floating dtype is due; what was wrong about the dtypes is in the list, for whoever
    holds the results to them."""
    global _wrong_dtypes
    found: list[Mismatch] = []
    before, _wrong_dtypes = _wrong_dtypes, found if wanted else None
    try:
        yield found
    finally:
        _wrong_dtypes = before


class Mismatch(AssertionError):
    """The student's result is not what it should be; the message is for the student.

    `bounds` has the greatest difference allowed in each leaf, where form is right and values wrong.
    `is_related`: the message says already what all that is wrong has in common.
    """

    def __init__(
        self,
        message: str,
        actual: Any = None,
        expected: Any = None,
        bounds: tuple[float, ...] | None = None,
        *,
        is_related: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.actual = actual
        self.expected = expected
        self.bounds = bounds
        self.is_related = is_related

    def with_line(self, line: str) -> "Mismatch":
        """The same, with one more line to its message."""
        return Mismatch(
            f"{self.message}\n{line}",
            self.actual,
            self.expected,
            self.bounds,
            is_related=self.is_related,
        )


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


class Results(tuple[Any, ...]):
    """What a function returned, whose parts the statement calls by `names`."""

    names: Sequence[str] = ()

    @classmethod
    def of(cls, value: Any, names: Sequence[str]) -> Any:
        """`value`, with names where it is a tuple of as many parts."""
        if not isinstance(value, tuple) or len(value) != len(names):
            return value
        results = cls(value)
        results.names = names
        return results


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
    if _wrong_dtypes:  # of this result, or of one that it was computed from
        sizes = [
            RELATIVE_FLOAT32 * max(1.0, magnitude(leaf)) for leaf in all_leaves(expected.truth)
        ]
        bounds = tuple(map(max, bounds, sizes))
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
            mismatch = Mismatch(
                say(
                    "{where} has dtype {mine}; it should be {right}.",
                    where=_sentence(where),
                    mine=dtype(actual),
                    right=dtype(expected),
                ),
                *whole,
            )
            nearly = actual.dtype in INEXACT and expected.dtype.is_floating_point
            if _wrong_dtypes is None or not nearly:
                raise mismatch
            _wrong_dtypes.append(mismatch)
    elif isinstance(expected, list | tuple):
        if not isinstance(actual, list | tuple):
            raise Mismatch(_is(where, a_kind(actual), a_kind(expected)), *whole)
        if len(actual) != len(expected):
            texts = short(actual, MOST_KEYS), short(expected, MOST_KEYS)
            if any(True for _ in leaves((actual, expected))) or any(t[-1] == "…" for t in texts):
                texts = a_kind(actual), a_kind(expected)
            raise Mismatch(_is(where, *texts), *whole)
        for place, mine, right in paired_items(where, actual, expected):
            _same_form(place, mine, right, whole)
    elif isinstance(expected, dict):
        if not isinstance(actual, dict):
            raise Mismatch(_is(where, a_kind(actual), a_kind({})), *whole)
        if list(actual) != list(expected):
            raise Mismatch(_keys_differ(where, list(actual), list(expected)), *whole)
        for place, mine, right in paired_items(where, actual, expected):
            _same_form(place, mine, right, whole)
    elif type(actual) is not type(expected):
        raise Mismatch(_is(where, a_kind(actual), a_kind(expected)), *whole)


def _keys_differ(where: str, mine: list[Any], right: list[Any]) -> str:
    """How the keys of two dicts differ: all keys where they are few, else the first that does."""
    subject = _sentence(where)
    texts = short(mine, FEW_KEYS), short(right, FEW_KEYS)
    if not any(text.endswith("…") for text in texts):
        return say(
            "{where} has the keys {mine}; they should be {right}.",
            where=subject,
            mine=texts[0],
            right=texts[1],
        )
    there = set(mine)
    if lacking := [key for key in right if key not in there]:
        return say("{where} lacks the key {key}.", where=subject, key=short(lacking[0]))
    wanted = set(right)
    if odd := [key for key in mine if key not in wanted]:
        return say(
            "{where} has the key {key}, which should not be there.",
            where=subject,
            key=short(odd[0]),
        )
    place = next(n for n, (a, b) in enumerate(zip(mine, right, strict=True)) if a != b)
    return say(
        "{where} has its keys in another order: number {number} is {mine}; it should be {right}.",
        where=subject,
        number=place + 1,
        mine=short(mine[place]),
        right=short(right[place]),
    )


def in_due_dtype(value: Any, due: Any) -> Any:
    """`value` in the dtypes of a value of the same form, where these were wrong and passed over."""
    if not _wrong_dtypes:
        return value
    if isinstance(value, torch.Tensor):
        return value.to(due.dtype)
    if isinstance(value, dict):
        return {key: in_due_dtype(item, due[key]) for key, item in value.items()}
    if isinstance(value, list | tuple):
        items = [in_due_dtype(item, other) for item, other in zip(value, due, strict=True)]
        return items if isinstance(value, list) else tuple(items)
    return value


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
        names = _names(base, actual, expected)
        for index, (mine, right) in enumerate(zip(actual, expected, strict=True)):
            yield f"`{names[index]}`" if names else f"`{base}[{index}]`", mine, right


def _names(base: str, *values: Any) -> Sequence[str]:
    """What the parts of a result, or of one of its parts, are called by the statement."""
    if base == "result":
        return next((v.names for v in values if isinstance(v, Results)), ())
    # A part that is a tuple itself: `(h_n, c_n)`.
    inner = base[1:-1].split(", ") if base.startswith("(") and base.endswith(")") else []
    return inner if len(inner) == len(values[0]) else ()


def all_leaves(value: Any) -> Iterator[Any]:
    """The leaves of `value`, tensors and others, in order."""
    for _, leaf, _ in leaf_pairs("", value, value):
        yield leaf


def _default_bounds(value: Any) -> Iterator[float]:
    # A leaf that is nought may be so because terms of the others' size cancel.
    every = list(all_leaves(value))
    floor = CANCELLATION_FLOAT64 * max(1.0, *map(magnitude, every), 0.0)
    for leaf in every:
        yield RELATIVE_FLOAT64 * magnitude(leaf) + floor


def tensors_equal(one: Any, other: Any) -> bool:
    """Whether two structures of one form hold equal tensors, whatever else is in them."""
    pairs = zip(leaves(one), leaves(other), strict=True)
    return all(torch.equal(mine, theirs) for mine, theirs in pairs)


def magnitude(leaf: Any) -> float:
    """The greatest finite absolute value in a floating leaf; 0 for any other."""
    if isinstance(leaf, float):
        return abs(leaf) if leaf - leaf == 0 else 0.0
    if not isinstance(leaf, torch.Tensor) or not leaf.is_floating_point() or not leaf.numel():
        return 0.0
    return max(
        float(piece.double().abs().nan_to_num(0.0, 0.0, 0.0).max())
        for piece in in_pieces(leaf.detach())
    )


def in_pieces(tensor: torch.Tensor) -> Sequence[torch.Tensor]:
    """The elements of a tensor in order, at most `CHUNK` at a time."""
    if tensor.numel() <= CHUNK:
        return (tensor,)
    return torch.split(tensor.reshape(-1), CHUNK)


def what_differs(where: str, actual: Any, right: Any, bound: float) -> str | None:
    """How two leaves of one form differ by more than `bound`, as a sentence; None if they agree."""
    if isinstance(right, float):
        if actual == right or abs(actual - right) <= bound:
            return None
        actual, right = (torch.tensor(x, dtype=torch.float64) for x in (actual, right))
    if not isinstance(right, torch.Tensor):
        if actual != right:
            return _is(where, short(actual), short(right))
        return None
    found = gap(actual, right, bound)
    if not found.count:
        return None
    count, total = found.count, right.numel()
    if total == 1:
        mine, truth = numbers(actual, right)
        return _is(where, mine, truth)
    counts = {"count": count, "total": total, "where": where}
    if count == 1:
        how = say("{count} of {total} elements of {where} is wrong", **counts)
    else:
        how = say("{count} of {total} elements of {where} are wrong", **counts)
    mine, truth = numbers(actual[found.place], right[found.place])
    greatest = found.difference
    at = list(found.place)
    if greatest < float("inf"):
        how += say("; the greatest difference is {size:.3g} at {place}", size=greatest, place=at)
    else:
        how += say(", the first at {place}", place=at)
    return how + say(": {mine} where {right} is right.", mine=mine, right=truth)


@dataclass(frozen=True)
class Gap:
    """How far two tensors lie apart: how many elements by more than is allowed, where among these
    the difference is greatest (the first such place), and how great (inf where one of both is not
    finite)."""

    count: int
    place: tuple[int, ...]
    difference: float


def gap(actual: torch.Tensor, right: torch.Tensor, bound: float) -> Gap:
    """Hold two tensors of one shape against each other, element by element, piece by piece."""
    count, place, greatest, start = 0, 0, 0.0, 0
    pieces = zip(in_pieces(actual.detach()), in_pieces(right.detach()), strict=True)
    for mine, truth in pieces:
        begin, start = start, start + truth.numel()
        wrong, apart = _apart(mine, truth, bound)
        if apart is None:
            continue
        wrong, apart = wrong.reshape(-1), apart.reshape(-1)
        within = apart.where(wrong, -1.0)
        most = float(within.max())
        if not count or most > greatest:
            # Not by argmax, which may give any of several, nor by torch.unravel_index, which
            # imports sympy: half a second.
            place, greatest = begin + int((within == most).nonzero()[0]), most
        count += int(wrong.sum())
    return Gap(count, _index(place, right.shape), greatest)


def _apart(
    mine: torch.Tensor, truth: torch.Tensor, bound: float
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Which elements differ by more than `bound`, and by how much all do; None where none does."""
    mine, truth = wide(mine), wide(truth)
    if truth.is_floating_point():
        apart = (mine - truth).abs()
        near = apart <= bound
        if near.all():  # as mostly; of nan and infinity it is never so
            return near, None
        same = (mine == truth) | (mine.isnan() & truth.isnan())
        apart = apart.masked_fill(~apart.isfinite(), float("inf")).masked_fill(same, 0.0)
        wrong = apart > bound
        return wrong, apart if wrong.any() else None
    wrong = mine != truth
    if not wrong.any():
        return wrong, None
    if truth.is_complex():
        return wrong, (mine - truth).abs().nan_to_num(float("inf"))
    return wrong, (mine.double() - truth.double()).abs()


def wide(tensor: torch.Tensor) -> torch.Tensor:
    """`tensor` in a dtype of its kind in which torch can compute: float64, complex128 or int64."""
    if tensor.is_floating_point():
        return tensor.double()
    if tensor.is_complex():
        return tensor.to(torch.complex128)
    return tensor if tensor.dtype in (torch.bool, torch.int64) else tensor.to(torch.int64)


def _index(place: int, shape: Sequence[int]) -> tuple[int, ...]:
    """The index of the element that is the `place`th, counted row by row."""
    index: list[int] = []
    for length in reversed(shape):
        place, at = divmod(place, length) if length else (0, 0)
        index.insert(0, at)
    return tuple(index)


def identical(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two tensors have one form and hold the same, nan for nan."""
    return one.shape == other.shape and one.dtype == other.dtype and not gap(one, other, 0.0).count


def is_larger(value: Any, most: int) -> bool:
    """Whether `value` is of more than `most` elements, items and characters, all levels together;
    no more of it is looked at."""
    left, pending = most, [value]
    while pending:
        item = pending.pop()
        left -= 1
        if isinstance(item, torch.Tensor):
            left -= item.numel()
        elif isinstance(item, str):
            left -= len(item)
        elif isinstance(item, list | tuple | dict):
            left -= len(item)
            if left >= 0:
                pending += [*item.keys(), *item.values()] if isinstance(item, dict) else item
        if left < 0:
            return True
    return False


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
    name = "dict" if isinstance(value, dict) else type(value).__name__
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
    """`repr`, cut where it is long; no more of the value is looked at than is shown."""
    text = ""
    for piece in _pieces(value, most):
        text += piece
        if len(text) > most:
            return text[: most - 1] + "…"
    return text


def _pieces(value: Any, most: int) -> Iterator[str]:
    """The `repr` of a value in pieces, of which none is much longer than `most`."""
    if isinstance(value, torch.Tensor):
        yield f"tensor({shape(value)}, {dtype(value)})"
    elif isinstance(value, dict):
        yield "{"
        for number, (key, item) in enumerate(value.items()):
            yield ", " if number else ""
            yield from _pieces(key, most)
            yield ": "
            yield from _pieces(item, most)
        yield "}"
    elif isinstance(value, list | tuple | Stream):
        items = value.items if isinstance(value, Stream) else value
        yield "[" if isinstance(value, list) else "("
        for number, item in enumerate(items):
            yield ", " if number else ""
            yield from _pieces(item, most)
        if isinstance(value, list):
            yield "]"
        else:
            yield ",)" if len(items) == 1 else ")"
    elif isinstance(value, str):
        # One character more, so that a text that is cut is too long for whoever asks.
        yield repr(value[: most + 1])
    else:
        yield repr(value)
