"""Sizes between the small cases and the clock's, drawn so that nobody can name one beforehand.

An answer may be right where a person would look, and right where it is timed, and wrong between.
So first every axis is long in turn, where the others are short, and then several are together, in
steps of the number of elements up to the clock's.
"""

import inspect
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import torch

from grader.judge.strategies import Outlines

Sized = Callable[..., Any]

# The elements of the largest tensor of a case: of any, and of those in which several axes grow, one
# case a range.
MOST_ELEMENTS = 290_000
ELEMENTS = ((2_000, 7_000), (7_000, 25_000), (25_000, 80_000), (110_000, MOST_ELEMENTS))
FEW_ELEMENTS = 40_000
# Of all tensors of a case together: 24 MiB of float64, so that a reply holds the gradients of all,
# and a message the inputs (`wire.REPLY`, `wire.MESSAGE`).
MOST_TOGETHER = 3 << 20
# The longest that an axis gets where the room says nothing, and its two lengths: one in the first
# range of exponents and one in the second, that is from 32 to 178 and from 520 to 1000. The first
# stays small enough for gradients too, whatever weights go from the axis to itself.
LONGEST = 1000
LENGTHS = (((0.5, 0.75), FEW_ELEMENTS), ((0.906, 1.0), MOST_ELEMENTS))
SHORT = (2, 4)
# The product of all sizes: where all of them meet, as in a product of matrices, the work.
WORK = 2_500_000


@dataclass(frozen=True)
class Middle:
    """The sizes of one case, and what else it is good for beside values."""

    sizes: tuple[int, ...]
    elements: int
    dtype: torch.dtype = torch.float64
    gradients: bool = False

    def growth(self, before: "Middle") -> float:
        """How many times as much there may be to do as for the one before."""
        work = math.prod(self.sizes) / math.prod(before.sizes)
        return max(1.0, work, self.elements / max(before.elements, 1))


def axes_of(sized: Sized) -> dict[str, int]:
    """The parameters of `sized` but the first, in order, each with LONGEST."""
    shapes = getattr(getattr(sized, "__self__", None), "shapes", None)
    names = list(inspect.signature(shapes or sized).parameters)
    return dict.fromkeys(names if shapes else names[1:], LONGEST)


def bounds_of(sized: Sized, most: Mapping[str, int] | None) -> list[int]:
    """The greatest size of each axis, in order: `most` by its name, else LONGEST."""
    return list((axes_of(sized) | dict(most or {})).values())


def middles(
    sized: Sized, seed: int, most: Mapping[str, int] | None = None, work: int = WORK
) -> list[Middle]:
    """Some sizes for `sized(draws, *sizes)`, from few elements to many.

    `most` is the greatest size of an axis by its name, and `work` the greatest product of all.
    """
    rng = random.Random(seed)  # noqa: S311 - sizes, no secrets
    longest = bounds_of(sized, most)

    outlines = Outlines()

    def elements(sizes: Sequence[int]) -> int:
        """Of the largest tensor; more than may be, where all together are too much."""
        outlines.elements = outlines.together = 0
        sized(outlines, *sizes)
        fits = outlines.together <= MOST_TOGETHER
        return outlines.elements if fits else max(outlines.elements, MOST_ELEMENTS + 1)

    alone = [(sizes, elements(sizes)) for sizes in _one_long(longest, rng, elements)]
    together = [_grown(longest, rng, elements, between, work) for between in ELEMENTS]
    together.sort(key=lambda each: each[1])
    # Along a long axis gradients have far to go.
    found = [Middle(sizes, count, gradients=count <= FEW_ELEMENTS) for sizes, count in alone]
    for (sizes, count), more in zip(
        together, ({"gradients": True}, {"dtype": torch.float32}, {}, {}), strict=True
    ):
        found.append(Middle(sizes, count, **more))  # type: ignore[arg-type]
    return sorted(found, key=lambda middle: (middle.elements, middle.sizes))


def _short(longest: Sequence[int], rng: random.Random) -> list[int]:
    return [min(most, rng.randint(*SHORT)) for most in longest]


def _one_long(
    longest: Sequence[int], rng: random.Random, elements: Callable[[Sequence[int]], int]
) -> Iterator[tuple[int, ...]]:
    for axis, most in enumerate(longest):
        for (low, high), largest in LENGTHS:
            sizes = _short(longest, rng)
            short, sizes[axis] = sizes[axis], round(most ** rng.uniform(low, high))
            while elements(sizes) > largest:  # of weights from an axis to itself
                sizes[axis] = round(0.9 * sizes[axis])
            if sizes[axis] > short:
                yield tuple(sizes)


def _grown(
    longest: Sequence[int],
    rng: random.Random,
    elements: Callable[[Sequence[int]], int],
    between: tuple[int, int],
    work: int,
) -> tuple[tuple[int, ...], int]:
    """Sizes with about as many elements as `between` says, as many of them long as may be."""
    least, _ = between
    target = math.exp(rng.uniform(*map(math.log, between)))
    start = _short(longest, rng)
    order = rng.sample(range(len(start)), len(start))
    speed = [rng.uniform(0.5, 1.0) for _ in start]
    best = tuple(start), elements(start)
    # As many together as the work allows; of two alone, each pair, for not all share a tensor.
    pairs = rng.sample(list(combinations(order, 2)), math.comb(len(order), 2))
    for active in [*(tuple(order[:n]) for n in range(len(order), 2, -1)), *pairs]:

        def scaled(by: float, active: tuple[int, ...] = active) -> tuple[int, ...]:
            return tuple(
                min(most, round(size * by**rate)) if axis in active else size
                for axis, (size, rate, most) in enumerate(zip(start, speed, longest, strict=True))
            )

        low, high = 0.0, math.log(LONGEST**2)
        for _ in range(8):
            middle = (low + high) / 2
            sizes = scaled(math.exp(middle))
            fits = math.prod(sizes) <= work and elements(sizes) <= target
            low, high = (middle, high) if fits else (low, middle)
        sizes = scaled(math.exp(low))
        best = max(best, (sizes, elements(sizes)), key=lambda each: each[1])
        if best[1] >= least * 0.8:
            break
    return best
