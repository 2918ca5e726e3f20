"""Exercise 11, convolution with channels, stride and padding: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from grader.judge import handles, laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import sizes, tensors


class Case(NamedTuple):
    x: Tensor
    weight: Tensor
    bias: Tensor | None
    stride: int | tuple[int, int]
    padding: int | tuple[int, int]


def ints_or_pairs(least, usual, most):
    """Mostly up to `usual`, where there is room for it, and now and then up to `most`."""
    few = st.integers(least, usual)
    ints = st.one_of(few, few, st.integers(usual, most))
    return st.one_of(ints, st.tuples(ints, ints))


LARGE = "With thousands in the image or in the weights, nothing overflows and nothing becomes nan."
STRIDES, PADDINGS = ints_or_pairs(1, 3, 8), ints_or_pairs(0, 2, 7)


@st.composite
def cases(draw, dtype=torch.float64, paddings=PADDINGS):
    """Batch, input and output channels mostly differ, and so do rows and columns of everything."""
    n, c, o = draw(sizes(3))
    (kh, kw), (h, w) = draw(sizes(2)), draw(sizes(2, most=5))
    shapes = (n, c, kh + h - 1, kw + w - 1), (o, c, kh, kw), (o,)
    x, weight, bias = (draw(tensors(shape, dtype)) for shape in shapes)
    bias = draw(st.sampled_from((bias, bias, None)))
    return Case(x, weight, bias, draw(STRIDES), draw(paddings))


def unpadded(dtype):
    # Where all windows lie in the padding, the result is nought, and a bound relative to it too.
    return cases(dtype, paddings=st.just(0))


CALLS = {"conv2d": tuple}
# A loop over all pixels is slow, but right: it is to end in a few seconds.
WORK = 300_000
PLAIN = {"conv2d": lambda case: case[:2]}
CHANNELS = ("test_channels",)
ALL = ("test_channels", "test_bias", "test_stride", "test_padding", "test_ints")


@pytest.mark.points(5)
@given(cases())
def test_one_by_one(student, case):
    """A 1x1 kernel multiplies the channels of each pixel by one and the same matrix."""
    matrix = case.weight[:, :, 0, 0]
    right = torch.einsum("oc,nchw->nohw", matrix, case.x)
    agree(student.conv2d(case.x, matrix[:, :, None, None]), right, within=ROUNDING)


test_channels = laws.reference(
    cases(),
    PLAIN,
    points=10,
    needs=["test_one_by_one"],
    title="Each filter slides over all input channels, and adds up what it finds.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_channels")
@given(cases())
def test_bias(student, case):
    """The bias adds one number to each output channel; None adds nothing."""
    bias = case.weight[:, 0, 0, 0] + 1
    plain = student.conv2d(case.x, case.weight)
    agree(student.conv2d(case.x, case.weight, None), plain, within=ROUNDING)
    raised = plain + bias[:, None, None]
    agree(student.conv2d(case.x, case.weight, bias=bias), raised, within=ROUNDING)


@pytest.mark.points(10)
@pytest.mark.needs("test_channels")
@given(cases(), st.permutations((1, 2, 3, 7, 22)))
def test_stride(student, case, strides):
    """A stride of s and t keeps every s-th row and every t-th column of the result."""
    down, right, *_ = strides
    kept = student.conv2d(case.x, case.weight)[:, :, ::down, ::right]
    agree(student.conv2d(case.x, case.weight, stride=(down, right)), kept, within=ROUNDING)


@pytest.mark.points(10)
@pytest.mark.needs("test_channels")
@given(cases(), st.permutations((0, 1, 2, 6, 22)))
def test_padding(student, case, paddings):
    """Padding gives the same as zeros put around the image by hand."""
    rows, columns, *_ = paddings
    n, c, height, width = case.x.shape
    larger = case.x.new_zeros(n, c, height + 2 * rows, width + 2 * columns)
    larger[:, :, rows : rows + height, columns : columns + width] = case.x
    by_hand = student.conv2d(larger, case.weight)
    agree(student.conv2d(case.x, case.weight, padding=(rows, columns)), by_hand, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_channels")
@given(cases(), st.sampled_from((1, 2, 3, 22)), st.sampled_from((0, 1, 2, 22)))
def test_ints(student, case, stride, padding):
    """An int for stride or padding means that number for both rows and columns."""
    x, weight, bias, *_ = case
    strides, paddings = (stride, stride), (padding, padding)
    right = student.conv2d(x, weight, bias, strides, paddings)
    # A torch.Size is a pair as well, of a class of its own.
    sizes = tuple(map(handles.given.torch.Size, (strides, paddings)))
    for options in ((stride, padding), (strides, padding), (stride, paddings), sizes):
        agree(student.conv2d(x, weight, bias, *options), right, within=ROUNDING)


test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"conv2d": lambda case: functional.conv2d(*case)},
    points=5,
    needs=ALL,
    title="With everything together, the result matches torch's own conv2d.",
)
test_batch = laws.batch(cases(), CALLS, batched=("x",), points=5, needs=ALL)
test_large = laws.magnitudes(
    cases(),
    CALLS,
    fields=("x", "weight"),
    points=5,
    needs=ALL,
    title="Values in the thousands, in image or weights, give no overflow and no nan.",
)
test_precision = laws.precision(unpadded, CALLS, points=5, needs=ALL)
test_gradients = laws.gradients(cases(), CALLS, points=10, needs=ALL)
test_layout = laws.layout(cases(), CALLS, points=5, needs=ALL)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=ALL)


def large_images(draw, n, c, o, kh, kw, h, w):
    """Every other size of the image is odd or even, which decides on stride and padding."""
    x, weight = draw.tensor(n, c, h + kh - 1, w + kw - 1), draw.tensor(o, c, kh, kw)
    return Case(x, weight, draw.tensor(o), 1 + h % 2, w % 2)


test_middle_sizes = laws.middle_sizes(
    large_images,
    CALLS,
    most={"c": 300, "o": 300, "kh": 30, "kw": 30},
    work=WORK,
    points=5,
    needs=ALL,
)
test_speed = laws.speed(points=10)
