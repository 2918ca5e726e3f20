"""What a mismatch holds against each other, part by part: which are wrong, and by how much."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch

from grader.judge.compare import (
    Mismatch,
    Named,
    all_leaves,
    leaf_pairs,
    paired_items,
    same_form,
    the_result,
    what_differs,
)
from grader.language import say
from grader.wire import leaves

# Within which a ratio or a difference is the same for all elements, in units of the larger value.
CONSTANT = 1e-6
FEWEST_TO_TELL = 2  # elements with values of their own, before a ratio says more than they do


@dataclass(frozen=True)
class Pair:
    """A tensor, or a value that holds none, and what it should be; with a bound for each leaf."""

    name: str
    student: Any
    expected: Any
    bounds: tuple[float, ...] | None

    @property
    def is_whole(self) -> bool:
        """Whether it is the result itself, not a part of it."""
        return self.name == the_result()

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


def taken_apart(mismatch: Mismatch) -> tuple[list[Pair], list[Pair]]:
    """The parts that are wrong, and those that are right. Where nothing tells them apart, all are
    among the wrong ones."""
    bounds = None if mismatch.bounds is None else iter(mismatch.bounds)
    pairs = list(_pairs(the_result(), mismatch.actual, mismatch.expected, bounds))
    wrong: list[Pair] = []
    right: list[Pair] = []
    for pair in pairs:
        (wrong if pair.is_wrong else right).append(pair)
    return (wrong, right) if wrong else (pairs, [])


def _pairs(
    name: str, student: Any, expected: Any, bounds: Iterator[float] | None
) -> Iterator[Pair]:
    """The two values taken apart as far as they hold tensors, and are alike."""
    if isinstance(expected, Named) and student is None:
        student = Named(expected.what, dict.fromkeys(expected))
    if _is_full_of_tensors(expected) and _is_alike(student, expected):
        for place, mine, right in paired_items(name, student, expected):
            yield from _pairs(place, mine, right, bounds)
        return
    own = None if bounds is None else tuple(islice(bounds, sum(1 for _ in all_leaves(expected))))
    yield Pair(name, student, expected, own)


def _is_full_of_tensors(value: Any) -> bool:
    return isinstance(value, list | tuple | dict) and any(True for _ in leaves(value))


def _is_alike(student: Any, expected: Any) -> bool:
    if isinstance(expected, dict):
        return isinstance(student, dict) and list(student) == list(expected)
    return isinstance(student, list | tuple) and len(student) == len(expected)


def relation(mismatch: Mismatch) -> str | None:
    """What all elements of a wrong part have in common, as a sentence: a ratio, or a difference;
    None where the message says so already."""
    if mismatch.bounds is None or mismatch.is_related:
        return None
    for pair in taken_apart(mismatch)[0]:
        mine, right = pair.student, pair.expected
        if isinstance(mine, torch.Tensor) and isinstance(right, torch.Tensor):
            subject = pair.name[0].upper() + pair.name[1:]
            if said := _common(subject, mine.detach(), right.detach(), pair.bounds or (0.0,)):
                return said
    return None


def _common(
    where: str, mine: torch.Tensor, right: torch.Tensor, bounds: tuple[float, ...]
) -> str | None:
    if not right.is_floating_point() or mine.shape != right.shape:
        return None
    mine, right = mine.double().reshape(-1), right.double().reshape(-1)
    if not (mine.isfinite().all() and right.isfinite().all()):
        return None
    if len(set(right.tolist())) < FEWEST_TO_TELL:
        return None
    size = float(max(mine.abs().max(), right.abs().max()))
    within = CONSTANT * size + max(bounds)
    apart = mine - right
    difference = float(apart.mean())
    if float((apart - difference).abs().max()) <= CONSTANT * abs(difference) + max(bounds):
        if abs(difference) <= 2 * max(bounds):
            return None
        if difference > 0:
            return say("{where} is {size:.3g} too large everywhere.", where=where, size=difference)
        return say("{where} is {size:.3g} too small everywhere.", where=where, size=-difference)
    # What is nought stays so times anything: it does not speak for a factor.
    if len(set(right[right != 0].tolist())) < FEWEST_TO_TELL:
        return None
    ratio = float((mine * right).sum() / (right * right).sum())
    if float((mine - ratio * right).abs().max()) > within or abs(ratio) < CONSTANT:
        return None
    if abs(ratio + 1) < CONSTANT:
        return say("{where} has the opposite sign everywhere.", where=where)
    if f"{ratio:.4g}" == "1":  # what differs stands in digits that nobody would see
        return None
    return say(
        "{where} is {ratio:.4g} times what it should be, everywhere.", where=where, ratio=ratio
    )
