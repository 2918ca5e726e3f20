"""Exercise 4, positional encoding: what any right answer obeys."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from grader.judge import laws
from grader.judge.compare import agree

# The contract's own tolerances.
UP_TO_100 = 1e-5
UP_TO_5000 = 1e-3

LENGTHS = st.integers(1, 24)
EVEN = st.integers(1, 6).map(lambda pairs: 2 * pairs)
ODD = st.integers(0, 6).map(lambda pairs: 2 * pairs + 1)
BASES = st.sampled_from((100.0, 2.5, 1000.0, 2.0, 1e9))


def by_hand(length: int, d_model: int) -> Tensor:
    """The formula as it is printed, entry by entry, with Python's own sine and cosine."""
    rows = [
        [
            (math.cos if j % 2 else math.sin)(pos / 10000.0 ** ((j - j % 2) / d_model))
            for j in range(d_model)
        ]
        for pos in range(length)
    ]
    return torch.tensor(rows, dtype=torch.float32)


@pytest.mark.points(10)
@given(EVEN)
def test_start(student, d_model):
    """At position 0 every sine is 0 and every cosine is 1: the first row reads 0, 1, 0, 1, ..."""
    first_row = torch.tensor([[0.0, 1.0] * (d_model // 2)])
    agree(student.positional_encoding(1, d_model), first_row, within=1e-6)


@pytest.mark.points(15)
@given(LENGTHS, EVEN)
def test_formula(student, reference, length, d_model):
    """Each pair of columns holds the sine and the cosine of pos / 10000^(2i / d_model)."""
    right = reference.positional_encoding(length, d_model)
    agree(student.positional_encoding(length, d_model), right, within=UP_TO_100)


@pytest.mark.dtypes
@pytest.mark.points(5)
@given(EVEN)
def test_dtype(student, reference, d_model):
    """The table is float32, in whatever dtype you compute it."""
    right = reference.positional_encoding(2, d_model)
    agree(student.positional_encoding(2, d_model), right, within=UP_TO_100)


@pytest.mark.points(10)
@pytest.mark.needs("test_formula")
@given(LENGTHS, ODD)
def test_odd_width(student, reference, length, d_model):
    """An odd d_model works as well; the last column is then a sine."""
    right = reference.positional_encoding(length, d_model)
    agree(student.positional_encoding(length, d_model), right, within=UP_TO_100)


@pytest.mark.points(10)
@pytest.mark.needs("test_formula")
@given(LENGTHS, EVEN, BASES)
def test_base(student, reference, length, d_model, base):
    """Another `base` is used in place of 10000."""
    student.positional_encoding(length, d_model)  # which is not to be seen in what follows
    right = reference.positional_encoding(length, d_model, base=base)
    agree(student.positional_encoding(length, d_model, base=base), right, within=UP_TO_100)


@pytest.mark.points(10)
@pytest.mark.needs("test_formula")
@given(LENGTHS, LENGTHS, EVEN)
def test_shift(student, steps, length, d_model):
    """Moving k positions on rotates each (sine, cosine) pair by one angle, from any start."""
    table = student.positional_encoding(steps + length, d_model)
    sines, cosines = table[:, 0::2], table[:, 1::2]
    sine, cosine = sines[steps], cosines[steps]
    turned = (
        sines[:length] * cosine + cosines[:length] * sine,
        cosines[:length] * cosine - sines[:length] * sine,
    )
    # Each side is off by at most a few of the entries' own errors.
    agree((sines[steps:], cosines[steps:]), turned, within=4 * UP_TO_100)


@pytest.mark.points(10)
@pytest.mark.needs("test_formula")
@given(LENGTHS, LENGTHS, EVEN)
def test_prefix(student, more, length, d_model):
    """A longer table begins with the shorter one: a row depends on its position alone."""
    longer = student.positional_encoding(length + more, d_model)
    agree(student.positional_encoding(length, d_model), longer[:length], within=2 * UP_TO_100)


@pytest.mark.points(10)
@pytest.mark.needs("test_formula")
@given(st.sampled_from((512, 64, 100, 768, 1024)))
@settings(max_examples=6)
def test_wide(student, d_model):
    """Up to position 100, at the width of real Transformers, no entry is off by more than 1e-5."""
    agree(student.positional_encoding(101, d_model), by_hand(101, d_model), within=UP_TO_100)


@pytest.mark.points(5)
@pytest.mark.needs("test_formula")
@given(st.sampled_from((5001, 5000, 3000)), st.sampled_from((2, 4, 6, 8)))
@settings(max_examples=6)
def test_long(student, length, d_model):
    """Up to position 5,000, no entry is off by more than 1e-3."""
    agree(student.positional_encoding(length, d_model), by_hand(length, d_model), within=UP_TO_5000)


def large_tables(draw, length, d_model):
    draw.result(length, d_model)
    return length, d_model


def hold_table(student, reference, case):
    right = reference.positional_encoding(*case)
    within = UP_TO_100 if case[0] <= 101 else UP_TO_5000
    agree(student.positional_encoding(*case), right, within=within)


test_middle_sizes = laws.middle_sizes(
    large_tables,
    hold_table,
    most={"length": 5001, "d_model": 2048},
    points=5,
    needs=["test_formula"],
)
test_speed = laws.speed(points=10)
