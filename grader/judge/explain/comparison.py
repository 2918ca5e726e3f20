"""The two results of a failing call side by side, in numbers, cut to what a page holds."""

import pprint
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch

from grader.judge.compare import (
    Mismatch,
    Named,
    all_leaves,
    dtype,
    gap,
    leaf_pairs,
    paired_items,
    same_form,
    short,
    the_result,
    what_differs,
)
from grader.judge.explain.counterexample import describe, describe_call
from grader.judge.student import Example
from grader.report import Comparison, Excerpt, Nested, Part
from grader.wire import Stream, leaves

MOST_PARTS = 12
MOST_ELEMENTS = 256  # of all parts together, save that each has a few
FEWEST_ELEMENTS = 16
LONGEST = 16  # of the last two axes, each
MOST_TEXT = 1000
TEXT_WIDTH = 40
EXACT = 2**53  # from here on, a float cannot hold every integer


@dataclass(frozen=True)
class _Pair:
    """A tensor, or a value that holds none, and what it should be; with a bound for each leaf."""

    name: str
    student: Any
    expected: Any
    bounds: tuple[float, ...] | None

    @property
    def is_wrong(self) -> bool:
        """Whether the two differ, in form where that is all that was looked at."""
        if self.bounds is None:
            try:
                same_form(self.student, self.expected)
            except Mismatch:
                return True
            return False
        pairs = leaf_pairs(self.name, self.student, self.expected)
        return any(
            what_differs(*pair, bound) for pair, bound in zip(pairs, self.bounds, strict=True)
        )


def side_by_side(
    example: Example, functions: Mapping[str, Callable[..., Any]], mismatch: Mismatch
) -> Comparison | None:
    """What `mismatch` holds against each other, after the last call of a failing example."""
    if not example.records or (mismatch.actual is None and mismatch.expected is None):
        return None
    call = example.records[-1].call
    bounds = None if mismatch.bounds is None else iter(mismatch.bounds)
    pairs = list(_pairs(the_result(), mismatch.actual, mismatch.expected, bounds))
    right: list[_Pair] = []
    wrong: list[_Pair] = []
    for pair in pairs:
        (wrong if pair.is_wrong else right).append(pair)
    if not wrong:  # neither form nor values are what is amiss
        right, wrong = [], pairs
    shown = wrong[:MOST_PARTS]
    most = max(FEWEST_ELEMENTS, MOST_ELEMENTS // len(shown))
    return Comparison(
        call=describe_call(call, functions.get(call.function, object)),
        parts=tuple(_part(pair, most) for pair in shown),
        agreeing=tuple(
            pair.name for pair in right if bounds is not None and pair.expected is not None
        ),
        left_out=len(wrong) - len(shown),
    )


def _pairs(
    name: str, student: Any, expected: Any, bounds: Iterator[float] | None
) -> Iterator[_Pair]:
    """The two values taken apart as far as they hold tensors, and are alike."""
    if isinstance(expected, Named) and student is None:
        student = Named(expected.what, dict.fromkeys(expected))
    if _is_full_of_tensors(expected) and _is_alike(student, expected):
        for place, mine, right in paired_items(name, student, expected):
            yield from _pairs(place, mine, right, bounds)
        return
    own = None if bounds is None else tuple(islice(bounds, sum(1 for _ in all_leaves(expected))))
    yield _Pair(name, student, expected, own)


def _is_full_of_tensors(value: Any) -> bool:
    return isinstance(value, list | tuple | dict) and any(True for _ in leaves(value))


def _is_alike(student: Any, expected: Any) -> bool:
    if isinstance(expected, dict):
        return isinstance(student, dict) and list(student) == list(expected)
    return isinstance(student, list | tuple) and len(student) == len(expected)


def _part(pair: _Pair, most: int) -> Part:
    name = "" if pair.name == the_result() else pair.name
    student, expected = _tensor(pair.student), _tensor(pair.expected)
    if student is None or expected is None or pair.bounds is None:
        return Part(name, _shown(pair.student, most), _shown(pair.expected, most))
    (bound,) = pair.bounds
    found = gap(student, expected, bound)
    place = found.place
    kind = _kind(pair.student)  # the truth is computed in float64, whatever is asked for
    return Part(
        name,
        _excerpt(student, kind, place, most),
        _excerpt(expected, kind, place, most),
        worst=place,
        difference=found.difference,
        tolerance=bound if student.is_floating_point() else 0.0,
    )


def _shown(value: Any, most: int) -> Excerpt | str:
    """A value by itself: numbers as numbers, anything else as text."""
    tensor = _tensor(value)
    if tensor is not None:
        return _excerpt(tensor, _kind(value), (0,) * tensor.dim(), most)
    if any(True for _ in leaves(value)):
        text = describe(value)
    else:
        text = short(value, MOST_TEXT)
        if not text.endswith("…"):
            plain = tuple(value.items) if isinstance(value, Stream) else value
            text = pprint.pformat(plain, width=TEXT_WIDTH, sort_dicts=False)
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"


def _tensor(value: Any) -> torch.Tensor | None:
    """A tensor or a number as a tensor; None for what is neither, or too large to be exact."""
    if isinstance(value, torch.Tensor):
        return value.detach()
    if isinstance(value, float):
        return torch.tensor(value, dtype=torch.float64)
    if isinstance(value, int) and abs(value) <= EXACT:
        return torch.tensor(value)
    return None


def _kind(value: Any) -> str:
    return dtype(value) if isinstance(value, torch.Tensor) else type(value).__name__


def _excerpt(tensor: torch.Tensor, kind: str, place: tuple[int, ...], most: int) -> Excerpt:
    """The window of `tensor` of at most `most` elements that holds `place`."""
    counts: list[int] = []
    room = most
    for axis, length in enumerate(reversed(tensor.shape)):
        counts.insert(0, min(length, room, LONGEST) if axis < 2 else min(length, room))
        room //= max(counts[0], 1)
    start = [
        0 if at < count else min(at - count // 2, length - count)
        for at, count, length in zip(place, counts, tensor.shape, strict=True)
    ]
    window = tensor[tuple(slice(a, a + n) for a, n in zip(start, counts, strict=True))]
    return Excerpt(kind, tuple(tensor.shape), tuple(start), _nested(window.tolist()))


def _nested(values: Any) -> Nested:
    if isinstance(values, list):
        return tuple(map(_nested, values))
    number: float | int | bool | str = str(values) if isinstance(values, complex) else values
    return number
