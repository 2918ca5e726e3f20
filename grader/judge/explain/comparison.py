"""The two results of a failing call side by side, in numbers, cut to what a page holds."""

import pprint
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from grader.judge.compare import Mismatch, dtype, gap, short
from grader.judge.explain.counterexample import describe, describe_calls
from grader.judge.explain.parts import Pair, taken_apart
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


def side_by_side(
    example: Example,
    functions: Mapping[str, Callable[..., Any]],
    mismatch: Mismatch,
    calls: Sequence[int] = (-1,),
) -> Comparison | None:
    """What `mismatch` holds against each other, after the `calls` of a failing example that are to
    be shown, by default the last."""
    if not example.records or (mismatch.actual is None and mismatch.expected is None):
        return None
    wrong, right = taken_apart(mismatch)
    shown = wrong[:MOST_PARTS]
    most = max(FEWEST_ELEMENTS, MOST_ELEMENTS // len(shown))
    return Comparison(
        call=describe_calls(example, functions, calls),
        parts=tuple(_part(pair, most) for pair in shown),
        agreeing=tuple(
            pair.name for pair in right if pair.bounds is not None and pair.expected is not None
        ),
        left_out=len(wrong) - len(shown),
    )


def _part(pair: Pair, most: int) -> Part:
    name = "" if pair.is_whole else pair.name
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
