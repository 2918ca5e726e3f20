"""How inputs are drawn: few draws, sizes that tell axes apart, values that a person can read."""

import inspect
import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Any, Generic, TypeVar

import torch
from hypothesis import strategies as st

from grader.wire import mapped

SEEDS = st.integers(0, 2**16)

Case = TypeVar("Case")


def sizes(count: int, most: int | None = None) -> st.SearchStrategy[tuple[int, ...]]:
    """`count` sizes of one case, mostly all distinct, so that no transpose can hide.

    They shrink to small ones, which may then be equal: a counterexample is easiest to read where
    everything has size 1. `most` bounds them; by default the least that leaves room to differ.
    """
    top = most or count + 2
    alike = st.tuples(*[st.integers(1, 3)] * count)
    distinct = st.permutations(range(1, top + 1)).map(lambda order: tuple(order[:count]))
    return st.one_of(alike, distinct, distinct, distinct)


def spread(least: int, most: int) -> st.SearchStrategy[int]:
    """Whole numbers from `least` to `most`, as many of two digits as of three or four."""
    return st.floats(math.log(least), math.log(most)).map(lambda x: round(math.exp(x)))


def tensors(
    shape: Sequence[int], dtype: torch.dtype = torch.float64, scale: float = 1.0
) -> st.SearchStrategy[torch.Tensor]:
    """A tensor of `shape` with entries around `scale`; it shrinks to zeros.

    The entries are tenths (times `scale`), drawn by seed: one draw a tensor, whatever its size.
    """
    return _tensors(tuple(shape), dtype, scale)


@cache  # to look over a new strategy takes Hypothesis longer than to draw from it
def _tensors(
    shape: tuple[int, ...], dtype: torch.dtype, scale: float
) -> st.SearchStrategy[torch.Tensor]:
    return SEEDS.map(partial(_tensor, shape=shape, dtype=dtype, scale=scale))


def _tensor(seed: int, shape: Sequence[int], dtype: torch.dtype, scale: float) -> torch.Tensor:
    if seed == 0:
        return torch.zeros(tuple(shape), dtype=dtype)
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(tuple(shape), generator=generator, dtype=torch.float64)
    return ((values * 10).round() / 10 * scale).to(dtype)


class Draws:
    """Draws the tensors of a case, of whatever sizes, from one seed."""

    def __init__(self, seed: int, dtype: torch.dtype = torch.float64) -> None:
        self._generator = torch.Generator().manual_seed(seed)
        self.dtype = dtype

    def tensor(self, *shape: int) -> torch.Tensor:
        """Entries of the order of 1, or where there are several axes, of 1 / sqrt(the last one's
        size): so that what is summed over it, as weights are with their inputs, stays so."""
        fan = shape[-1] if len(shape) > 1 else 1
        values = torch.empty(shape, dtype=self.dtype)
        most = math.sqrt(3 / max(fan, 1))  # of a uniform distribution with this variance
        return values.uniform_(-most, most, generator=self._generator)

    def below(self, count: int, *shape: int) -> torch.Tensor:
        """Whole numbers from 0 to below `count`."""
        return torch.randint(count, shape, generator=self._generator)

    def result(self, *shape: int) -> None:
        """Say that a result has this shape, where it counts as an argument would."""


class Outlines(Draws):
    """Draws miniatures, no axis longer than four, and notes how large the tensors would be."""

    def __init__(self) -> None:
        super().__init__(0)
        self.elements = 0  # of the largest so far
        self.together = 0  # of all of them
        self.sizes: list[int] = []  # of all axes of all floating tensors
        self._miniatures: dict[tuple[int, ...], torch.Tensor] = {}

    def tensor(self, *shape: int) -> torch.Tensor:
        """A miniature of a tensor of that shape."""
        self.result(*shape)
        small = tuple(min(size, 4) for size in shape)
        if small not in self._miniatures:
            self._miniatures[small] = torch.zeros(small, dtype=self.dtype)
        return self._miniatures[small].detach()

    def below(self, count: int, *shape: int) -> torch.Tensor:
        """A miniature of a tensor of that shape, with zeros."""
        del count
        return torch.zeros([min(size, 4) for size in shape], dtype=torch.int64)

    def result(self, *shape: int) -> None:
        """Note how large it is."""
        self.sizes += shape
        self.elements = max(self.elements, math.prod(shape))
        self.together += math.prod(shape)


class Cases(Generic[Case]):
    """Cases of one kind, by call small ones for Hypothesis, and by `sized` one of given sizes."""

    def __init__(
        self, kind: Callable[..., Case], shapes: Callable[..., Iterable[Sequence[int]]]
    ) -> None:
        few = sizes(len(inspect.signature(shapes).parameters))

        @st.composite
        def cases(draw: st.DrawFn, dtype: torch.dtype, scale: float) -> Case:
            # As `tensors` would, without a strategy for each: most of the time would go there.
            return kind(*(_tensor(draw(SEEDS), s, dtype, scale) for s in shapes(*draw(few))))

        self._cases = cases
        self._kind = kind
        self.shapes = shapes

    def __call__(
        self, dtype: torch.dtype = torch.float64, scale: float = 1.0
    ) -> st.SearchStrategy[Case]:
        """A strategy of small cases."""
        return self._cases(dtype, scale)

    def sized(self, draw: Draws, *sizes: int) -> Case:
        """The case of these sizes, in the order of the parameters of `shapes`."""
        return self._kind(*(draw.tensor(*shape) for shape in self.shapes(*sizes)))


def cases_of(
    kind: Callable[..., Case], shapes: Callable[..., Iterable[Sequence[int]]]
) -> Cases[Case]:
    """`cases(dtype=torch.float64, scale=1.0)`: cases of `kind`, with a tensor in every field.

    `shapes` takes as many sizes as it has parameters, and gives the shape of each field in order:

        cases = cases_of(Case, lambda n, d, h: [(n, d), (n, h), (h, d), (h, h), (h,), (h,)])
    """
    return Cases(kind, shapes)


LAYOUTS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {}


def _layout(function: Callable[[torch.Tensor], torch.Tensor]) -> None:
    LAYOUTS[function.__name__.strip("_")] = function


@_layout
def _transposed(tensor: torch.Tensor) -> torch.Tensor:
    """The same values with the memory order of the axes reversed."""
    axes = range(tensor.dim() - 1, -1, -1)
    return tensor.permute(*axes).contiguous().permute(*axes) if tensor.dim() > 1 else tensor


@_layout
def _strided(tensor: torch.Tensor) -> torch.Tensor:
    """The same values, every other element of a longer last axis; nan lies between them."""
    filler = torch.full_like(tensor, float("nan") if tensor.is_floating_point() else 0)
    return torch.stack([tensor, filler], dim=-1)[..., 0]


@_layout
def _offset(tensor: torch.Tensor) -> torch.Tensor:
    """The same values in the middle of a larger tensor."""
    return torch.cat([tensor[:1], tensor, tensor[:1]])[1:-1] if tensor.dim() else tensor


def relayouted(args: Sequence[Any], layout: str) -> tuple[Any, ...]:
    """The same arguments with every tensor, in lists and dicts too, laid out as `layout` says."""
    return tuple(mapped(LAYOUTS[layout], tuple(args)))
