"""How a result is held against what is right, and the words for what differs."""

import subprocess
import sys

import pytest
import torch

from grader.judge.compare import Expected, Mismatch, Named, agree

ONES = torch.ones(2, 3, dtype=torch.float64)


def message(actual, expected, **options) -> str:
    with pytest.raises(Mismatch) as caught:
        agree(actual, expected, **options)
    return caught.value.message


@pytest.mark.parametrize(
    ("actual", "expected", "said"),
    [
        (None, ONES, "The result is None; it should be a tensor."),
        (1.0, ONES, "The result is a float; it should be a tensor."),
        (ONES.T, ONES, "The result has shape (3, 2); it should be (2, 3)."),
        (ONES.float(), ONES, "The result has dtype float32; it should be float64."),
        ((ONES,), (ONES, ONES), "The result is a tuple of 1; it should be a tuple of 2."),
        (ONES, (ONES, ONES), "The result is a tensor; it should be a tuple of 2."),
        ((ONES, None), (ONES, ONES), "`result[1]` is None; it should be a tensor."),
        (280.0, 280, "The result is a float; it should be an int."),
        (True, 1, "The result is a bool; it should be an int."),
        (281, 280, "The result is 281; it should be 280."),
        ({"a": 1}, {"b": 1}, "The result has the keys ['a']; they should be ['b']."),
        ({"a": 2}, {"a": 1}, "`result['a']` is 2; it should be 1."),
    ],
)
def test_a_wrong_form_is_said_in_a_sentence(actual, expected, said):
    """Types, lengths, keys, shapes and dtypes come before values, each in plain words."""
    assert message(actual, expected) == said


def test_wrong_elements_are_counted_and_the_worst_is_placed():
    """How many differ, the greatest difference, where it is, and both values there."""
    actual = ONES.clone()
    actual[0, 1], actual[1, 2] = 1.5, 3.0
    assert message(actual, ONES) == (
        "2 of 6 elements of the result are wrong; the greatest difference is 2 at [1, 2]:"
        " 3 where 1 is right."
    )


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_is_wrong_where_a_number_is_right(odd):
    """nan and infinity never pass for a number, however wide the tolerance."""
    actual = ONES.clone()
    actual[0, 2] = odd
    assert "the first at [0, 2]" in message(actual, ONES)
    assert "the first at [0, 2]" in message(actual, ONES, within=1e300)


def test_a_number_is_wrong_where_nan_is_right():
    """Where the truth is infinite or nan, exactly that is right."""
    odd = torch.tensor([float("inf"), float("nan")], dtype=torch.float64)
    agree(odd.clone(), odd)
    message(torch.tensor([float("inf"), 1.0], dtype=torch.float64), odd)
    message(torch.tensor([-float("inf"), float("nan")], dtype=torch.float64), odd)


def test_an_offset_is_seen_and_rounding_is_not():
    """In float64, 1e-5 off is wrong and 1e-13 off is right."""
    agree(ONES + 1e-13, ONES)
    message(ONES + 1e-5, ONES)


def test_integers_must_be_equal():
    """There is no tolerance for integers and bools."""
    agree(torch.tensor([1, 2]), torch.tensor([1, 2]))
    message(torch.tensor([1, 3]), torch.tensor([1, 2]))
    message(torch.tensor([True]), torch.tensor([False]))


def test_a_list_passes_for_a_tuple():
    """Python's two sequences are one here: `[h, c]` is as right as `(h, c)`."""
    agree([ONES, ONES], (ONES, ONES))


def test_bounds_hold_leaf_by_leaf():
    """Each leaf of an expected value has its own bound."""
    expected = Expected((ONES, ONES), (ONES, ONES), (0.1, 0.0))
    agree((ONES + 0.05, ONES), expected)
    assert "`result[1]`" in message((ONES, ONES + 0.05), expected)


def test_named_values_are_called_by_their_names():
    """A gradient is spoken of as the gradient of its argument."""
    right = Named("the gradient of `{}`", {"x": ONES, "w": ONES})
    wrong = Named("the gradient of `{}`", {"x": ONES, "w": ONES.T})
    assert message(wrong, right).startswith("The gradient of `w` has shape (3, 2)")


def test_empty_tensors_agree():
    """A tensor without elements is right if its form is."""
    agree(torch.empty(0, 3), torch.empty(0, 3))
    message(torch.empty(3, 0), torch.empty(0, 3))


def test_floats_are_compared_with_all_their_digits():
    """A float of the student's is a float64, as Python has it."""
    agree(0.1, 0.1)
    with pytest.raises(Mismatch):
        agree(0.1 + 1e-6, 0.1)


@pytest.mark.slow
def test_placing_the_worst_element_imports_nothing():
    """The first wrong answer of a process does not wait for sympy, which some of torch imports."""
    code = (
        "import sys, torch; from grader.judge.compare import gap\n"
        "before = set(sys.modules)\n"
        "zeros = torch.zeros(2, 2)\n"
        "print(gap(torch.tensor([[1.0, 0.0], [3.0, 3.0]]), zeros, 0.5))\n"
        "print(gap(torch.tensor([[1.0, 9.0], [3.0, torch.inf]]), zeros, 0.5))\n"
        "print(gap(torch.tensor(2), torch.tensor(0), 0.0), set(sys.modules) - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.replace("Gap", "") == (
        "(count=3, place=(1, 0), difference=3.0)\n(count=4, place=(1, 1), difference=inf)\n"
        "(count=1, place=(), difference=2.0) set()\n"
    ), done.stderr
