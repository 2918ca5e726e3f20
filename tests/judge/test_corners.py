"""Large numbers in two places and large means: which cases are made, and what dies of them."""

import math
from collections import namedtuple
from itertools import combinations
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from grader.judge.corners import (
    ALONE,
    OFFSET,
    TOGETHER,
    coincidences,
    enlarged,
    moved,
    smooth_zeros,
    with_zeros,
)
from grader.judge.effort import Effort
from grader.judge.reference import Reference, ReferenceFunction
from grader.judge.strategies import Outlines

HIDDEN = """
import math
import torch

def double(x):
    later = torch.ones(x.shape[-2:], dtype=torch.bool).triu(1)
    return torch.softmax(x.masked_fill(later, {lowest}), dim=-1)
"""
SPREAD = """
import torch

def double(x):
    mean = x.mean(-1, keepdim=True)
    variance = {variance}
    return (x - mean) / (variance + 1e-5).sqrt()
"""
STABLE = "(x - mean).square().mean(-1, keepdim=True)"
PROPERTIES = """
from typing import NamedTuple
from grader.judge import laws
from grader.judge.strategies import cases_of

class Case(NamedTuple):
    x: torch.Tensor

shapes = cases_of(Case, lambda n, t: [(n, t, t)])
test_middle_sizes = laws.middle_sizes(shapes.sized, {"double": tuple}, most={"t": 60}, points=100)
"""


class Case(NamedTuple):
    x: Tensor
    lengths: Tensor
    params: dict[str, Tensor]


CASE = Case(
    torch.ones(2).double(),
    torch.ones(2, dtype=torch.int64),
    {"w": torch.ones(1).double(), "b": torch.ones(3).double()},
)


def test_a_size_made_of_several_is_met_by_every_other():
    """Of heads * features too each other size is once the same; whatever else is drawn beside."""

    def sized(draw, n, t, heads, d):
        lengths = draw.below(t, n) if t % 2 else draw.below(t, n, t)
        return Case(draw.tensor(n, t, heads * d), lengths, {"w": draw.tensor(3 * d, heads * d)})

    for seed in range(5):
        found = coincidences(sized, seed)
        for made_of_several in (lambda heads, d: heads * d, lambda heads, d: 3 * d):
            alike = [n == t == made_of_several(heads, d) for n, t, heads, d in found]
            assert any(
                same and sizes[2:] != (1, 1) for same, sizes in zip(alike, found, strict=True)
            )
        outlines = Outlines()
        sized(outlines, *found[-1])
        assert outlines.elements <= 1000


def test_what_has_only_axes_needs_no_further_sizes():
    """Nor a size that no axis changes."""

    def sized(draw, n, t):
        return Case(draw.tensor(n, t, 7), draw.below(t, n), {})

    assert all(size <= 3 for sizes in coincidences(sized, 0) for size in sizes)


def test_each_tensor_is_large_alone_and_each_two_fields_are_together():
    """Those in dicts alone too; what is no floating tensor stays as it is."""
    made = [change(CASE) for change in enlarged(CASE, 0)]
    sizes = [(float(c.x[0]), float(c.params["w"][0]), float(c.params["b"][0])) for c in made]
    assert sorted(sizes) == sorted(
        [(ALONE, 1, 1), (1, ALONE, 1), (1, 1, ALONE), (TOGETHER, TOGETHER, TOGETHER)]
    )
    assert all(torch.equal(case.lengths, CASE.lengths) for case in made)
    assert {type(case) for case in made} == {Case}


def test_of_many_fields_each_two_are_large_together_too():
    """In few cases: most pairs are large in groups."""
    many = namedtuple("many", "a b c d e f g h i")(*torch.ones(9, 1).double())
    made = [change(many) for change in enlarged(many, 0)]
    large = [{name for name, x in case._asdict().items() if x > 1} for case in made]
    assert all(any({*pair} <= some for some in large) for pair in combinations("abcdefghi", 2))
    assert len(large) < 9 + 36
    assert all(math.prod(map(float, case)) <= ALONE * (1 + 1e-9) for case in made)


def test_each_tensor_gets_another_mean():
    """One at a time."""
    sums = [float(c.x[0] + c.params["w"][0] + c.params["b"][0]) for c in map(_call, moved(CASE))]
    assert sums == [3 + OFFSET] * 3


def _call(change):
    return change(CASE)


@pytest.mark.parametrize("lowest", ["-1e6", "-1e9", "-1e20", "torch.finfo(torch.float32).min"])
def test_a_finite_number_for_minus_infinity_dies(tiny, lowest):
    """Where the scores are lower."""
    lowest = f"{lowest} if x.dtype == torch.float64 else -math.inf"
    right = HIDDEN.format(lowest="-math.inf")
    report = tiny.grade(HIDDEN.format(lowest=lowest), PROPERTIES, "", right, effort=Effort.VERDICT)
    assert report.score == 0


@pytest.mark.parametrize("lowest", ["-math.inf", "torch.finfo(x.dtype).min"])
def test_what_is_below_all_numbers_passes(tiny, lowest):
    """The least number of the dtype is."""
    right = HIDDEN.format(lowest="-math.inf")
    report = tiny.grade(HIDDEN.format(lowest=lowest), PROPERTIES, "", right)
    assert report.score == 100, [p.message for p in report.properties]


@pytest.mark.parametrize(
    "variance",
    [
        "x.square().mean(-1, keepdim=True) - mean.square()",
        "(x.square().mean(-1, keepdim=True) - mean.square()).clamp(min=0)",
        "(x * (x + mean)).mean(-1, keepdim=True) - 2 * mean.square()",
    ],
)
def test_a_variance_that_cancels_dies(tiny, variance):
    """Where the mean is much larger than the spread."""
    right = SPREAD.format(variance=STABLE)
    report = tiny.grade(
        SPREAD.format(variance=variance), PROPERTIES, "", right, effort=Effort.VERDICT
    )
    assert report.score == 0


@pytest.mark.parametrize(
    "variance",
    [
        STABLE,
        "x.var(-1, keepdim=True, unbiased=False)",
        "((x[..., None] - x[..., None, :]) ** 2).mean((-1, -2))[..., None] / 2",
    ],
)
def test_a_variance_that_does_not_cancel_passes(tiny, variance):
    """In whatever form."""
    right = SPREAD.format(variance=STABLE)
    report = tiny.grade(SPREAD.format(variance=variance), PROPERTIES, "", right)
    assert report.score == 100, [p.message for p in report.properties]


def relu_of_a_sum(x, w, b):
    return torch.relu(x * w + b)


def test_zeros_that_meet_at_a_kink_are_tried_one_at_a_time():
    """`x * w + b` is exactly 0 where x and b are, and there either slope of a ReLU is right; with
    one zero at a time there is one. Where nothing has a kink, all have their zeros at once."""
    args = tuple(torch.tensor([1.0, 2.0], dtype=torch.float64) for _ in range(3))
    seed = next(seed for seed in range(100) if not relu_of_a_sum(*with_zeros(args, seed)).all())
    right = ReferenceFunction(Reference({"relu_of_a_sum": relu_of_a_sum}), "relu_of_a_sum")
    alone = smooth_zeros(args, seed, right.gradients)
    assert [[len(each.nonzero()) for each in case] for case in alone] == [
        [1, 2, 2],
        [2, 1, 2],
        [2, 2, 1],
    ]
    smooth = ReferenceFunction(Reference({"sum_of": lambda x, w, b: x * w + b}), "sum_of")
    (together,) = smooth_zeros(args, seed, smooth.gradients)
    assert [len(each.nonzero()) for each in together] == [1, 1, 1]


def test_a_zero_at_a_kink_of_its_own_is_left_out():
    """The slope of |x| at 0 is anything between -1 and 1."""
    args = (torch.tensor([1.0, 2.0], dtype=torch.float64),)
    right = ReferenceFunction(Reference({"size": lambda x: x.abs()}), "size")
    assert smooth_zeros(args, 0, right.gradients) == []
