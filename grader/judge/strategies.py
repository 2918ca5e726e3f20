"""How inputs are drawn: few draws, sizes that tell axes apart, values that a person can read."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Any, TypeVar

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


def cases_of(
    kind: Callable[..., Case], shapes: Callable[..., Iterable[Sequence[int]]]
) -> Callable[..., st.SearchStrategy[Case]]:
    """`cases(dtype=torch.float64, scale=1.0)`: cases of `kind`, with a tensor in every field.

    `shapes` takes as many sizes as it has parameters, and gives the shape of each field in order:

        cases = cases_of(Case, lambda n, d, h: [(n, d), (n, h), (h, d), (h, h), (h,), (h,)])
    """
    few = sizes(len(inspect.signature(shapes).parameters))

    @st.composite
    def cases(draw: st.DrawFn, dtype: torch.dtype = torch.float64, scale: float = 1.0) -> Case:
        # As `tensors` would, without a strategy for each tensor: most of the time would go there.
        return kind(*(_tensor(draw(SEEDS), s, dtype, scale) for s in shapes(*draw(few))))

    return cases


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
