"""Exercise 8, random initialisation: what any right answer obeys.

How the numbers are drawn is free, so no draw is held against the reference's: what is held are
shapes, repetition, and statistics. Those leave room for seven standard errors and more, which no
honest draw exceeds once in a hundred thousand million.
"""

import math
import random
from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from grader.judge import handles, laws
from grader.judge.compare import Named, agree
from grader.judge.strategies import SEEDS, sizes, tensors
from grader.language import say

OUT, IN = 320, 192
COUNT = OUT * IN
FEW = settings(max_examples=4)
STDS = (1e-5, 0.5, 3000.0)
DTYPES = st.sampled_from((torch.float64, torch.float32, torch.bfloat16, torch.float16))
# Those that people take for each other: what is often put in the place of 0, and what seeds have in
# common where only some of their bits or digits are read.
SPECIAL = (
    *(0, 1, 7, 42, 123, 1234, 12345, 1337, 2024, 2**24, 2**24 + 1),
    *(2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1),
    *(42 + 2**power for power in range(8, 32)),
    *(42 + 10**power for power in range(2, 10)),
)
DRAW = ("test_shapes",)
UNITS = ("test_constant", "test_places", "test_distinct")


class Layer(NamedTuple):
    weight: Tensor
    bias: Tensor


@st.composite
def layers(draw, dtype=torch.float64):
    """Units put together from three rows and three biases, with parts in common."""
    features, units = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    picks = st.lists(st.integers(0, 2), min_size=units, max_size=units)
    # Added to a negative zero, zero makes it positive: whether the two are equal is not the point.
    rows, biases = draw(tensors((3, features), dtype)) + 0.0, draw(tensors((3,), dtype)) + 0.0
    return Layer(rows[draw(picks)], biases[draw(picks)])


def split(units):
    """Rows of weights with their bias at the end, as a layer."""
    return Layer(units[:, :-1].contiguous(), units[:, -1].contiguous())


CALLS = {"distinct_units": tuple}


def hold(what, value, right, within):
    """Hold a statistic of the weights against its expectation."""
    names = say("the weights' {}")
    right = torch.tensor(right, dtype=torch.float64)
    agree(Named(names, {what: value}), Named(names, {what: right}), within=within)


def hold_normal(values, within):
    """Hold Kolmogorov and Smirnov's statistic: above `within` by a chance of 2 exp(-2 within^2)."""
    below = torch.special.ndtr(values.sort().values)
    steps = torch.arange(len(values) + 1, dtype=values.dtype) / len(values)
    distance = torch.maximum(below - steps[:-1], steps[1:] - below).max()
    hold(say("distance from a normal distribution"), distance, 0.0, within / len(values) ** 0.5)


def correlation(a, b):
    return (a * b).mean() / (a.square().mean() * b.square().mean()).sqrt()


@pytest.mark.dtypes
@pytest.mark.points(10)
@given(sizes(2), st.sampled_from(STDS), SEEDS)
def test_shapes(student, shape, std, seed):
    """The weight is (out, in), the bias (out,), both float32; every bias is 0."""
    features, units = shape
    _, bias = student.init_linear(features, units, std, seed)
    agree(bias, torch.zeros(units))


@pytest.mark.points(10)
@pytest.mark.needs(*DRAW)
@given(SEEDS)
@FEW
def test_normal(student, seed):
    """The weights are normally distributed, with mean 0 and the standard deviation std."""
    for std, number in zip(STDS, (seed, IN, OUT), strict=True):  # a seed may be as large as a size
        weight, _ = student.init_linear(IN, OUT, std, number)
        values = weight.double().flatten() / std
        hold(say("mean / std"), values.mean(), 0.0, 7 / COUNT**0.5)
        deviation = values.square().mean().sqrt()
        hold(say("standard deviation / std"), deviation, 1.0, 7 / (2 * COUNT) ** 0.5)
        hold_normal(values, within=4)
        # That one hardly sees the tails.
        share = math.erfc(3 / 2**0.5)
        far = (values.abs() > 3).double().mean()
        hold(say("share beyond 3 std"), far, share, 7 * (share / COUNT) ** 0.5)
        # Of numbers as fine as float32 has them, hardly two are the same.
        different = torch.tensor(len(weight.unique()) / COUNT, dtype=torch.float64)
        hold(say("share of different numbers"), different, 1.0, 0.05)


@pytest.mark.points(5)
@pytest.mark.needs(*DRAW)
def test_small(student):
    """Over many seeds, the weights of a small layer have the same distribution."""
    for shape in ((1, 2), (2, 1), (1, 1)):
        drawn = [student.init_linear(*shape, 0.5, seed)[0].flatten() for seed in range(80)]
        hold_normal(torch.cat(drawn).double() / 0.5, within=4)
        if math.prod(shape) == 2:
            value = correlation(*torch.stack(drawn).double().unbind(dim=1))
            hold(say("correlation between the two"), value, 0.0, 7 / len(drawn) ** 0.5)


@pytest.mark.points(5)
@pytest.mark.needs(*DRAW)
@given(SEEDS)
@FEW
def test_independent(student, seed):
    """Every weight is drawn independently: no row or column repeats or mirrors another."""
    weight = student.init_linear(IN, OUT, 1.0, seed)[0].double()
    for axis, name in enumerate((say("rows"), say("columns"))):
        half = weight.shape[axis] // 2
        halves = weight.split(half, dim=axis)
        flipped = weight.flip(axis).split(half, axis)[0]
        first = weight.narrow(axis, 0, 1).expand_as(weight)
        others = weight.narrow(axis, 1, weight.shape[axis] - 1)
        before = weight.narrow(axis, 0, weight.shape[axis] - 1)
        # One row has fewer numbers than all of them, and agrees by chance that much more easily.
        pairs = {
            say("neighbouring"): (correlation(before, others), COUNT - OUT),
            say("halved"): (correlation(*halves), COUNT // 2),
            say("mirrored"): (correlation(halves[0], flipped), COUNT / 2),
            say("first and other"): (correlation(first, weight), weight.shape[1 - axis]),
        }
        for which, (value, count) in pairs.items():
            what = say("correlation between {which} {name}", which=which, name=name)
            hold(what, value, 0.0, 7 / count**0.5)
        # Among all pairs of them, which are many, none is much alike.
        lines = weight.movedim(axis, 0)
        pairs = torch.corrcoef(lines).triu(diagonal=1).abs()
        what = say("greatest correlation between two {name}", name=name)
        hold(what, pairs.max(), 0.0, 8 / lines.shape[1] ** 0.5)
        means = weight.mean(dim=1 - axis) * weight.shape[1 - axis] ** 0.5
        error = 7 * (2 / len(means)) ** 0.5
        what = say("spread of the means of {name}", name=name)
        hold(what, means.square().mean(), 1.0, error)


@pytest.mark.points(5)
@pytest.mark.needs(*DRAW)
def test_generator(student):
    """torch's global random generator is left alone."""
    for arguments in ((1, 1, 1.0, 0), (2, 3, 0.5, 7), (40, 30, 1.0, 1)):
        student.init_linear.leaves_generator(*arguments)


@pytest.mark.points(5)
@pytest.mark.needs(*DRAW)
@given(sizes(2), SEEDS)
@settings(max_examples=8)
def test_same_seed(student, shape, seed):
    """The same seed gives the same weights, whatever is drawn in between."""
    for again in (seed, 0):
        first = student.init_linear(*shape, 1.0, again)
        student.init_linear(*shape[::-1], 2.0, again + 1)
        agree(student.init_linear(*shape, 1.0, again), first, within=0)
    # Training changes parameters in place; the next layer begins anew.
    trained = student.init_linear.held(*shape, 1.0, 0)
    for place in range(2):
        trained.held_item(place).detach.held().add_(1.0)
    agree(student.init_linear(*shape, 1.0, 0), first, within=0)


@pytest.mark.points(5)
@pytest.mark.needs(*DRAW)
@given(SEEDS, st.sampled_from((2, 100, 2**16)))
@settings(max_examples=5)
def test_other_seed(student, seed, step):
    """Another seed gives other weights, uncorrelated with the first."""
    for other in (seed + 1, seed + step):
        one, two = (student.init_linear(IN, OUT, 1.0, s)[0].double() for s in (seed, other))
        hold("correlation under two seeds", correlation(one, two), 0.0, 7 / COUNT**0.5)
        # Nor is a row of the one, wherever it stands, much like one of the other.
        pairs = torch.corrcoef(torch.cat((one, two)))[OUT:, :OUT].abs()
        what = say("greatest correlation between two rows under two seeds")
        hold(what, pairs.max(), 0.0, 8 / IN**0.5)


@pytest.mark.points(5)
@pytest.mark.needs(*DRAW)
def test_many_seeds(student, seed):
    """All seeds are different ones, from 0 to the greatest, 2^32 - 1."""
    drawn = {}
    for each in (*SPECIAL, *random.Random(seed).sample(range(2**32), 20)):
        numbers = tuple(student.init_linear(3, 2, 1.0, each)[0].flatten().tolist())
        other = drawn.setdefault(numbers, each)
        assert other == each, say(
            "The seeds {one} and {other} give the same draw.", one=other, other=each
        )


@pytest.mark.points(10)
@given(st.integers(1, 5), st.integers(1, 4).flatmap(lambda size: tensors((size,))), DTYPES)
def test_constant(student, units, row, dtype):
    """Units that are all equal count as one."""
    weight, bias = row.repeat(units, 1).to(dtype), torch.ones(units, dtype=dtype)
    agree(student.distinct_units(weight, bias), 1)


@pytest.mark.points(5)
@pytest.mark.needs("test_constant")
@given(st.integers(1, 4))
@settings(max_examples=10)
def test_places(student, features):
    """Units with the same numbers in other places, or the same sum, are different."""
    numbers = torch.arange(1, features + 2, dtype=torch.float64)
    turned = torch.stack([numbers.roll(places) for places in range(features + 1)])
    moved = numbers.clone()
    moved[0] -= 9
    moved[-1] += 9
    units = torch.cat((turned, moved[None], -turned.flip(0)))
    agree(student.distinct_units(*split(units)), len(units))


@pytest.mark.points(10)
@given(DTYPES.flatmap(lambda dtype: layers(dtype=dtype)))
@settings(max_examples=40)
def test_distinct(student, reference, layer):
    """Units that differ in a weight or in the bias are counted, equal ones once."""
    agree(student.distinct_units(*layer), reference.distinct_units(*layer))


@pytest.mark.points(5)
@pytest.mark.needs("test_distinct")
@given(layers())
@settings(max_examples=8)
def test_parameters(student, reference, layer):
    """Parameters work too, and are looked at anew once they have changed."""
    weight, bias = (handles.given.torch.nn.Parameter(part).of(student) for part in layer)
    agree(student.distinct_units(weight, bias), reference.distinct_units(*layer))
    weight.detach.held().zero_()
    changed = layer._replace(weight=torch.zeros_like(layer.weight))
    agree(student.distinct_units(weight, bias), reference.distinct_units(*changed))


@pytest.mark.points(5)
@pytest.mark.needs(*UNITS)
@given(st.sampled_from((torch.float64, torch.float32)), st.integers(1, 4))
@settings(max_examples=10)
def test_nearly_equal(student, dtype, features):
    """Units that differ in the last digit of one number are different."""
    numbers = torch.ones(features + 2, features + 1, dtype=dtype)
    above = torch.nextafter(numbers, 2 * numbers)
    # In each unit but the last, another number is a hair above 1.
    units = torch.where(torch.eye(*numbers.shape, dtype=torch.bool), above, numbers)
    agree(student.distinct_units(*split(units)), len(units))


@pytest.mark.points(5)
@pytest.mark.needs(*DRAW, *UNITS)
@given(sizes(2), SEEDS)
@settings(max_examples=10)
def test_symmetry(student, shape, seed):
    """After a gradient step, units that started equal are still equal; random ones all differ."""
    units, features = shape[0] + 1, shape[1] + 1
    agree(student.distinct_units(*student.init_linear(features, units, 0.1, seed)), units)
    # Small whole numbers, so that nothing is rounded.
    generator = torch.Generator().manual_seed(seed)
    x = torch.randint(-3, 4, (5, features), generator=generator).double()
    layer = Layer(torch.ones(units, features).double(), torch.ones(units).double())
    for _ in range(2):
        weight, bias = (parameter.requires_grad_() for parameter in layer)
        loss = torch.relu(x @ weight.T + bias).sum()
        steps = torch.autograd.grad(loss, layer)
        layer = Layer(weight.detach() - 0.5 * steps[0], bias.detach() - 0.5 * steps[1])
        agree(student.distinct_units(*layer), 1)


test_layout = laws.layout(layers(), CALLS, points=3, needs=UNITS)
test_inputs = laws.inputs_unchanged(layers(), CALLS, points=2, needs=UNITS)


def large_layers(draw, units, features):
    """About two of a kind of every unit."""
    kinds, picks = draw.tensor(units, features + 1), draw.below(units, units)
    return split(kinds[picks])


def hold_layer(student, reference, layer):
    agree(student.distinct_units(*layer), reference.distinct_units(*layer))
    units, features = layer.weight.shape
    weight, bias = student.init_linear(features, units, 2.0, units)
    agree(bias, torch.zeros(units))
    if weight.numel() > 100:
        deviation = weight.double().square().mean().sqrt() / 2.0
        hold(say("standard deviation / std"), deviation, 1.0, 7 / (2 * weight.numel()) ** 0.5)


test_middle_sizes = laws.middle_sizes(
    large_layers, hold_layer, most={"units": 400}, points=5, needs=(*DRAW, *UNITS)
)
