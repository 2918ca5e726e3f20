"""A counterexample in numbers: what is held against what, and how much of it is kept."""

import json
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judge.compare import Changed, Mismatch, Named, agree
from grader.judge.explain.comparison import MOST_ELEMENTS, MOST_PARTS, MOST_TEXT, side_by_side
from grader.judge.student import Example, Record
from grader.report import Comparison, Excerpt, PropertyResult, PropertyStatus, Report, Status
from grader.wire import Stream
from grader.worker.invoke import Invocation

ONES = torch.ones(2, 3, dtype=torch.float64)


def compared(actual, expected, **options) -> Comparison:
    """The comparison of a call that gave `actual`."""
    with pytest.raises(Mismatch) as caught:
        agree(actual, expected, **options)
    return of(caught.value)


def of(mismatch: Mismatch) -> Comparison:
    example = Example([Record(Invocation("f", (1,)), None, None)])
    found = side_by_side(example, {"f": lambda x: x}, mismatch)
    assert found is not None
    return found


def test_values_stand_side_by_side():
    """Both tensors, where they differ most and by how much, and the call."""
    actual = ONES.clone()
    actual[0, 1], actual[1, 2] = 1.5, 3.0
    found = compared(actual, ONES)
    assert found.call == "x = 1\nf(x)"
    (part,) = found.parts
    assert (part.name, part.worst, part.difference) == ("", (1, 2), 2.0)
    assert part.student == Excerpt("float64", (2, 3), (0, 0), ((1.0, 1.5, 1.0), (1.0, 1.0, 3.0)))
    assert part.expected.values == ((1.0, 1.0, 1.0), (1.0, 1.0, 1.0))


def test_the_parts_that_are_right_are_named_only():
    """Of several results, only those that are wrong are shown."""
    found = compared((ONES, 2 * ONES, (ONES, 3 * ONES)), (ONES, ONES, (ONES, ONES)))
    assert [part.name for part in found.parts] == ["`result[1]`", "`result[2][1]`"]
    assert found.agreeing == ("`result[0]`", "`result[2][0]`")


def test_gradients_and_changed_arguments_have_their_names():
    """The parts of a named result are called what the message calls them."""
    gradient = "the gradient of `{}`"
    right = Named(gradient, {"x": ONES, "w": ONES})
    found = compared(Named(gradient, {"x": ONES, "w": 2 * ONES}), right)
    assert [part.name for part in found.parts] == ["the gradient of `w`"]
    before = Changed(["x", "w"], [(ONES, None), (ONES, ONES)])
    after = Changed(["x", "w"], [(ONES, None), (ONES, 0 * ONES)])
    found = compared(after, before)
    assert [part.name for part in found.parts] == ["`w.grad` after the call"]
    assert found.agreeing == ("`x` after the call", "`w` after the call")


def test_a_gradient_that_is_missing_stands_beside_the_right_one():
    """Where nothing arrives, None is shown for it, under its name."""
    (part,) = of(Mismatch("No gradient", None, Named("the gradient of `{}`", {"w": ONES}))).parts
    assert (part.name, part.student) == ("the gradient of `w`", "None")
    assert part.expected.shape == (2, 3)


@pytest.mark.parametrize(
    ("actual", "expected", "mine", "right"),
    [
        (None, ONES, "None", "(2, 3) float64"),
        (ONES.T, ONES, "(3, 2) float64", "(2, 3) float64"),
        (ONES.float(), ONES, "(2, 3) float32", "(2, 3) float64"),
        (torch.ones(0, 3), ONES, "(0, 3) float32", "(2, 3) float64"),
        (24, (24, 24), "() int", "(24, 24)"),
        (1.0, 1, "() float", "() int"),
        (2**70, 1.0, str(2**70), "() float"),
        (["a"], {"a": 1}, "['a']", "{'a': 1}"),
    ],
)
def test_forms_that_differ_are_shown_each_by_itself(actual, expected, mine, right):
    """Tensors and numbers with shape and dtype, anything else as text; no difference is claimed."""

    def form(side: Excerpt | str) -> str:
        return side if isinstance(side, str) else f"{side.shape} {side.dtype}"

    (part,) = compared(actual, expected).parts
    assert (form(part.student), form(part.expected)) == (mine, right)
    assert part.worst is part.difference is part.tolerance is None


def test_only_the_parts_of_another_form_are_shown():
    """Of two results of which one has the wrong shape, that one."""
    found = compared((ONES, ONES.T), (ONES, ONES))
    assert [part.name for part in found.parts] == ["`result[1]`"]
    assert found.agreeing == ()  # the values of the other were not looked at


def test_plain_values_are_compared_as_text():
    """A list, a dict or a generator is shown whole, since what differs may be its order."""
    (part,) = compared([1, 2, 4], [1, 2, 3]).parts
    assert (part.student, part.expected) == ("[1, 2, 4]", "[1, 2, 3]")
    (part,) = compared(Stream((1, 2)), Stream((1, 3))).parts
    assert (part.student, part.expected) == ("(1, 2)", "(1, 3)")
    (part,) = compared(([1, 2], 0.5), ([1, 2], 0.25)).parts
    assert (part.student, part.expected) == ("([1, 2], 0.5)", "([1, 2], 0.25)")


def test_a_number_is_compared_as_one():
    """An int or a float has a difference, like a tensor without axes."""
    (part,) = compared(280, 2).parts
    assert (part.student.values, part.expected.values, part.difference) == (280, 2, 278.0)
    assert (part.worst, part.tolerance) == ((), 0.0)


def test_lower_precision_keeps_the_dtype_that_is_asked_for():
    """The truth is computed in float64, and not shown as if that were wanted."""
    (part,) = compared(torch.ones(1).half(), torch.zeros(1).half()).parts
    assert part.student.dtype == part.expected.dtype == "float16"


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_large_tensor_is_cut_around_its_greatest_difference(data):
    """Whatever the shape, a few hundred elements are kept, as they are, and the worst is among
    them."""
    shape = data.draw(st.lists(st.integers(1, 20), min_size=1, max_size=4))
    right = torch.arange(math.prod(shape), dtype=torch.float64).reshape(shape)
    worst = tuple(data.draw(st.integers(0, length - 1)) for length in shape)
    actual = right.clone()
    actual[worst] += 0.5
    (part,) = compared(actual, right).parts
    excerpt = part.student
    assert part.worst == worst
    assert math.prod(excerpt.shown) <= MOST_ELEMENTS
    assert math.prod(excerpt.shown) >= min(right.numel(), 16)
    window = tuple(slice(a, a + n) for a, n in zip(excerpt.start, excerpt.shown, strict=True))
    assert actual[window].tolist() == as_lists(excerpt.values)
    ends = zip(worst, excerpt.start, excerpt.shown, strict=True)
    assert all(start <= at < start + count for at, start, count in ends)


def as_lists(values: object) -> object:
    return [as_lists(item) for item in values] if isinstance(values, tuple) else values


def test_many_parts_and_long_texts_are_cut():
    """However much a submission returns, the report stays small, and says what it lacks."""
    many = [torch.full((50, 50), float(i)) for i in range(1, 41)]
    found = compared(many, [torch.zeros(50, 50)] * 40)
    assert (len(found.parts), found.left_out) == (MOST_PARTS, 40 - MOST_PARTS)
    assert sum(math.prod(part.student.shown) for part in found.parts) <= MOST_ELEMENTS
    (part,) = compared("a" * 10**6, "b").parts
    assert len(part.student) <= MOST_TEXT
    (part,) = compared([torch.zeros(9, 9)] * 10**4, torch.zeros(1)).parts
    assert len(part.student) <= MOST_TEXT


def test_what_is_no_number_for_json_is_text_there():
    """nan and inf are strings in the object of `--format json`, which any parser reads."""
    actual = torch.tensor([math.nan, math.inf, -math.inf, 1.0], dtype=torch.float64)
    found = compared(actual, torch.zeros(4, dtype=torch.float64))
    result = PropertyResult("p", "P.", PropertyStatus.FAILED, 0, 100, comparison=found)
    report = Report(1, "s", "S", "s.py", "", Status.FAILED, 0, 100, properties=(result,))
    text = json.dumps(report.as_json(), allow_nan=False)
    (part,) = json.loads(text)["properties"][0]["comparison"]["parts"]
    assert part["student"]["values"] == ["nan", "inf", "-inf", 1.0]
    assert part["difference"] == "inf"


def test_complex_numbers_are_text():
    """What JSON has no number for, and no order, is shown as it is written."""
    (part,) = compared(torch.tensor([1j]), torch.tensor([1.0])).parts
    assert part.student.values == ("1j",)
