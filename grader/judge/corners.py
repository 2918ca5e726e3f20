"""Small cases that separate what a draw may never tell apart: sizes that coincide, sizes of 1,
gradients that only some of the arguments want, large numbers in two places, and a large mean."""

import inspect
import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import torch

from grader.judge.compare import Expected, all_leaves, magnitude
from grader.judge.middle import Sized, bounds_of
from grader.judge.reference import signature_of
from grader.judge.strategies import Outlines
from grader.wire import leaves, mapped

Case = Any

# How large one tensor gets alone, and two arguments together: beyond any number that somebody
# would write for minus infinity, and within float64 still when some of them are multiplied.
ALONE = 1e60
TOGETHER = 1e20
PAIRS = 12  # of arguments that are large together, and nothing else
# Of the other pairs several are large at once, each less, so that all their product is no larger.
GROUP = 4
IN_A_GROUP = 1e15
# What is added to all entries of a tensor: so much that in float64 their squares lose what tells
# them apart, and they do not.
OFFSET = 1e6
# How far from a zero one looks on both sides of it, and what gradients differ by at most there,
# but for a kink.
NEAR = 1e-9
SMOOTH = 1e-5
LEAST = 2
ALIKE = (2, 3)
MOST_ALIKE = 16


def distinct(sized: Sized, seed: int, most: Mapping[str, int] | None = None) -> tuple[int, ...]:
    """Sizes for `sized(draws, *sizes)` of which no two are equal, where `most` leaves room."""
    bounds = bounds_of(sized, most)
    sizes = list(range(LEAST, LEAST + len(bounds)))
    random.Random(seed).shuffle(sizes)  # noqa: S311 - sizes, no secrets
    return tuple(map(min, sizes, bounds))


def coincidences(
    sized: Sized, seed: int, most: Mapping[str, int] | None = None
) -> list[tuple[int, ...]]:
    """Sizes for `sized` such that each two axes are alike in one of them, and each is 1 in one.

    The pairs meet as in a tournament, each axis with one other a round, so that there are few. What
    a tensor's size is made of several, such as heads * features, is met by all others at once.
    """
    base = distinct(sized, seed, most)
    found = [(size,) * len(base) for size in (1, *ALIKE)]
    for pairs in _rounds(len(base)):
        sizes = list(base)
        for one, other in pairs:
            sizes[one] = sizes[other] = max(sizes[one], sizes[other])
        found.append(tuple(sizes))
    for axis in range(len(base)):
        found.append((*base[:axis], 1, *base[axis + 1 :]))
    found += _made_of_several(sized, base)
    bounds = bounds_of(sized, most)
    return list(dict.fromkeys(tuple(map(min, sizes, bounds)) for sizes in found))


def _made_of_several(sized: Sized, base: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """For each size of a tensor that is no axis of `sized` alone, sizes at which the axes that it
    is not made of are as long."""

    def seen(sizes: Sequence[int]) -> list[int]:
        outlines = Outlines()
        sized(outlines, *sizes)
        return outlines.sizes

    usual = seen(base)
    longer = [seen([*base[:axis], base[axis] + 1, *base[axis + 1 :]]) for axis in range(len(base))]
    if any(len(each) != len(usual) for each in longer):
        return  # another number of tensors: no size can be followed
    growths = [
        tuple(more - size for more in many) for size, *many in zip(usual, *longer, strict=True)
    ]
    alone = {tuple(int(one == axis) for one in range(len(base))) for axis in range(len(base))}
    for growth in dict.fromkeys(growths):
        free = [not more for more in growth]
        if growth in alone or all(free):
            continue
        place = growths.index(growth)
        size = seen(
            [least if is_free else LEAST for is_free, least in zip(free, base, strict=True)]
        )[place]
        if size <= MOST_ALIKE:
            yield tuple(size if is_free else LEAST for is_free in free)


def _rounds(count: int) -> Iterator[list[tuple[int, int]]]:
    """Pairs of `count` players in rounds, each with each once and in a round at most one at a time.

    Source: the circle method, de Werra, "Scheduling in sports" (1981).
    """
    players = [*range(count), *([-1] if count % 2 else [])]
    half = len(players) // 2
    for _ in range(len(players) - 1):
        pairs = zip(players[:half], reversed(players[half:]), strict=True)
        yield [(one, other) for one, other in pairs if -1 not in (one, other)]
        players.insert(1, players.pop())


def wanted(tensors: Sequence[torch.Tensor]) -> list[frozenset[int]]:
    """Which of the arguments want a gradient: each floating one alone, and all others but it."""
    floating = [index for index, tensor in enumerate(tensors) if tensor.is_floating_point()]
    if len(floating) < 2:
        return []
    alone = [frozenset({index}) for index in floating]
    return [*alone, *(frozenset(floating) - one for one in alone if len(floating) > 2)]


def same_shaped(args: Sequence[Any]) -> list[tuple[int, int]]:
    """The pairs of arguments that are floating tensors of one shape and dtype, by their places."""
    places = [
        place
        for place, each in enumerate(args)
        if isinstance(each, torch.Tensor) and each.is_floating_point()
    ]
    return [
        (one, other)
        for one, other in itertools.combinations(places, 2)
        if (args[one].shape, args[one].dtype) == (args[other].shape, args[other].dtype)
    ]


def with_zeros(value: Any, seed: int, zero: float = 0.0, only: int | None = None) -> Any:
    """The same tensors, each floating one, or that of number `only`, with a `zero` at a drawn
    place."""
    rng = random.Random(seed)  # noqa: S311
    numbers = itertools.count()

    def changed(tensor: torch.Tensor) -> torch.Tensor:
        if not tensor.is_floating_point() or tensor.numel() < 2:
            return tensor
        place = rng.randrange(tensor.numel())
        if only not in (None, next(numbers)):
            return tensor
        copy = tensor.clone(memory_format=torch.contiguous_format)
        copy.view(-1)[place] = zero
        return copy

    return mapped(changed, value)


def smooth_zeros(
    args: tuple[Any, ...], seed: int, gradients: Callable[..., Expected]
) -> list[tuple[Any, ...]]:
    """The arguments with a zero in each tensor; where these meet at a kink, as that of ReLU, with a
    zero in one tensor at a time, but for those at a kink alone: there either slope is right.

    `gradients(*args, seed=seed)` gives the right ones, which differ between both sides of a kink.
    """

    def is_smooth(only: int | None) -> bool:
        cases = (with_zeros(args, seed, side, only) for side in (-NEAR, NEAR))
        sides = [gradients(*case, seed=seed).truth for case in cases]
        return all(map(_is_near, *map(all_leaves, sides)))

    if is_smooth(None):
        return [with_zeros(args, seed)]
    smooth = (with_zeros(args, seed, only=each) for each in filter(is_smooth, range(_count(args))))
    return list(smooth)


def _count(args: tuple[Any, ...]) -> int:
    return sum(each.is_floating_point() and each.numel() > 1 for each in leaves(args))


def _is_near(one: Any, other: Any) -> bool:
    if not isinstance(one, torch.Tensor) or not one.is_floating_point():
        return True
    return torch.allclose(one, other, SMOOTH, SMOOTH * magnitude(one), equal_nan=True)


def with_another_end(value: Any) -> Any:
    """The same tensors, of each floating one the last element halved: who remembers results by
    shapes or first elements takes them for the same."""

    def halved(tensor: torch.Tensor) -> torch.Tensor:
        if not tensor.is_floating_point() or not tensor.numel():
            return tensor
        changed = tensor.clone(memory_format=torch.contiguous_format)
        changed.view(-1)[-1] *= 0.5
        return changed

    return mapped(halved, value)


def enlarged(case: Case, seed: int) -> list[Callable[[Case], Case]]:
    """Changes of a case like this one: each floating tensor in it large alone, those in lists and
    dicts too, and each two of its fields together; of many fields, most pairs in groups."""
    fields = [_numbers(case, field) for field in range(len(case))]
    fields = [field for field in fields if field]
    alone = [partial(_changed, wanted={number}, factor=ALONE) for number in set().union(*fields)]
    random.Random(seed).shuffle(fields)  # noqa: S311
    pairs = list(itertools.chain.from_iterable(_rounds(len(fields))))
    together = [
        partial(_changed, wanted=fields[a] | fields[b], factor=TOGETHER) for a, b in pairs[:PAIRS]
    ]
    groups = [set().union(*(fields[each] for each in group)) for group in _groups(pairs[PAIRS:])]
    return [
        *alone,
        *together,
        *(partial(_changed, wanted=group, factor=IN_A_GROUP) for group in groups),
    ]


def _groups(pairs: Iterable[tuple[int, int]]) -> list[set[int]]:
    """Groups such that each of these pairs is in one: greedily, who brings the most new pairs."""
    left = {frozenset(pair) for pair in pairs}
    found = []
    while left:
        group = set(min(left, key=sorted))
        others = sorted(set().union(*left) - group)
        while others and len(group) < GROUP:
            new = {each: sum({each, one} in left for one in group) for each in others}
            best = max(others, key=new.__getitem__)
            group.add(best)
            others.remove(best)
        left -= {frozenset(pair) for pair in itertools.combinations(group, 2)}
        found.append(group)
    return found


def moved(case: Case) -> list[Callable[[Case], Case]]:
    """Changes of a case like this one: each floating tensor in it around another mean."""
    every = set().union(*(_numbers(case, field) for field in range(len(case))))
    return [partial(_changed, wanted={number}, offset=OFFSET) for number in every]


def _numbers(case: Case, field: int) -> set[int]:
    """Which of the tensors of a case are floating ones in one of its fields."""
    before = sum(1 for _ in leaves(tuple(case[:field])))
    found = enumerate(leaves(case[field]), before)
    return {number for number, tensor in found if tensor.is_floating_point()}


def _changed(case: Case, wanted: set[int], factor: float = 1.0, offset: float = 0.0) -> Case:
    """The case with some of its tensors, counted in order, times `factor` plus `offset`."""
    count = itertools.count()

    def change(tensor: torch.Tensor) -> torch.Tensor:
        return tensor * factor + offset if next(count) in wanted else tensor

    return type(case)._make(mapped(change, tuple(case)))


def with_zero(
    function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any] | None = None
) -> Iterator[tuple[str, list[Any], dict[str, Any]]]:
    """The call with each optional argument in turn that is a float set to 0: its name, and the
    arguments, those that are optional by name. 0 is false, and is taken for none."""
    signature = signature_of(function)
    given = signature.bind(*args, **(kwargs or {})).arguments
    defaults = {name: each.default for name, each in signature.parameters.items()}
    required = [v for n, v in given.items() if defaults[n] is inspect.Parameter.empty]
    optional = {n: v for n, v in given.items() if defaults[n] is not inspect.Parameter.empty}
    for name, default in defaults.items():
        if type(default) is float and default:
            yield name, required, optional | {name: 0.0}


def is_finite(value: Any) -> bool:
    """Whether all numbers in `value` are."""
    numbers = [leaf for leaf in all_leaves(value) if isinstance(leaf, float | torch.Tensor)]
    return all(bool(torch.as_tensor(number).isfinite().all()) for number in numbers)
