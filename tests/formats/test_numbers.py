"""Numbers as people read them."""

import math

import pytest

from grader.formats.numbers import apart, brief


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (-0.1234567, "-0.123"),
        (-0.0395, "-0.04"),
        (12345.6, "12346"),
        (123456.0, "1.23e5"),
        (-1.5e300, "-2e300"),
        (1e-05, "1e-5"),
        (280, "280"),
        (-1234567, "-1.2e6"),
        (True, "True"),
        (math.nan, "nan"),
        (-math.inf, "-∞"),
        ("1j", "1j"),
    ],
)
def test_a_number_in_a_cell_is_short(value, text):
    """Six characters hold it, with its sign and its size."""
    assert brief(value) == text


def test_a_difference_has_its_sign():
    """Whether too much or too little is the first thing to know of it."""
    assert (brief(0.25, signed=True), brief(-3, signed=True)) == ("+0.25", "-3")


def test_two_numbers_are_told_apart():
    """Where six digits do not, more are shown."""
    assert apart(0.5, 0.25) == ("0.5", "0.25")
    assert apart(0.645656288, 0.645656306) == ("0.645656288", "0.645656306")
    assert apart(1.0, 1.0 + 1e-15) == ("1.0", "1.000000000000001")
