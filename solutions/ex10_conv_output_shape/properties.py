"""Exercise 10, the shape of a convolution's output: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import conv2d

from grader.judge import handles
from grader.judge.compare import agree
from grader.judge.strategies import spread

MANY = settings(max_examples=50)


class Settings(NamedTuple):
    """Of rows or of columns; or of both, with a pair in every field."""

    size: int
    kernel_size: int
    padding: int = 0
    stride: int = 1
    dilation: int = 1


KERNELS = st.one_of(st.integers(1, 6), st.integers(1, 6), spread(7, 300))
PADDINGS = st.one_of(st.integers(0, 4), st.integers(0, 4), spread(5, 300))
STRIDES = st.one_of(st.integers(1, 5), st.integers(1, 5), spread(6, 500))
DILATIONS = st.one_of(st.integers(1, 4), st.integers(1, 4), spread(5, 60))
ROOM = st.one_of(st.integers(0, 12), spread(13, 5000))
NONE, ONE = st.just(0), st.just(1)


@st.composite
def axes(draw, paddings=PADDINGS, strides=STRIDES, dilations=DILATIONS, room=ROOM):
    """The settings of one axis, with `room` for the kernel to move, where a size allows it."""
    kernel, padding, dilation = draw(KERNELS), draw(paddings), draw(dilations)
    stride, least = draw(strides), dilation * (kernel - 1) + 1 - 2 * padding
    sizes = [max(least + draw(room), 1)]
    if room is ROOM:  # and now and then it's the same number as another
        sizes += [size for size in (padding, stride, dilation) if size >= max(least, 1)]
    return Settings(draw(st.sampled_from(sizes)), kernel, padding, stride, dilation)


def slack(axis):
    """How far the kernel can move in the padded image; negative where it does not fit."""
    return axis.size + 2 * axis.padding - axis.dilation * (axis.kernel_size - 1) - 1


def both(rows, columns):
    return Settings(*zip(rows, columns, strict=True))


PAIRS = st.builds(both, axes(), axes())


@pytest.mark.points(5)
def test_anchor(student):
    """A 5x5 kernel fits into 28x28 pixels in 24 places down and 24 across."""
    agree(student.conv_output_shape(28, 5), (24, 24))


@pytest.mark.points(15)
@given(axes(NONE, ONE, ONE))
def test_plain(student, axis):
    """Without padding, stride and dilation, the kernel fits in size - kernel + 1 places."""
    size, kernel, *_ = axis
    agree(student.conv_output_shape(size, kernel), (size - kernel + 1,) * 2)


@pytest.mark.points(10)
@pytest.mark.needs("test_plain")
@given(axes(dilations=ONE, strides=ONE))
def test_padding(student, axis):
    """Padding counts as a larger image: it adds pixels on both sides."""
    size, kernel, padding, *_ = axis
    larger = student.conv_output_shape(size + 2 * padding, kernel)
    agree(student.conv_output_shape(size, kernel, padding=padding), larger)


@pytest.mark.points(10)
@pytest.mark.needs("test_plain")
@given(axes(NONE, ONE))
def test_dilation(student, axis):
    """A dilated kernel counts as a larger one, from its first weight to its last."""
    size, kernel, *_, dilation = axis
    larger = student.conv_output_shape(size, dilation * (kernel - 1) + 1)
    agree(student.conv_output_shape(size, kernel, dilation=dilation), larger)


@pytest.mark.points(15)
@pytest.mark.needs("test_plain")
@MANY
@given(axes(NONE, dilations=ONE))
def test_stride(student, axis):
    """With a stride of s, only the first place and every s-th after it are left."""
    size, kernel, _, stride, _ = axis
    down, across = student.conv_output_shape(size, kernel)
    right = len(range(0, down, stride)), len(range(0, across, stride))
    agree(student.conv_output_shape(size, kernel, stride=stride), right)
    for whole in (3, 49, 98, 103):  # 49 * (1 / 49) is less than 1
        agree(student.conv_output_shape(whole + 1, 1, stride=whole), (2, 2))


@pytest.mark.points(10)
@pytest.mark.needs("test_plain")
@MANY
@given(axes(), axes())
def test_pairs(student, rows, columns):
    """In each pair the first number is for rows, the second for columns."""
    height, _ = student.conv_output_shape(*rows)
    _, width = student.conv_output_shape(*columns)
    pairs = both(rows, columns)
    agree(student.conv_output_shape(*pairs), (height, width))
    # The shape of an image is a tuple as well, of a class of its own.
    sizes = map(handles.given.torch.Size, pairs)
    agree(student.conv_output_shape(*sizes), (height, width))


@pytest.mark.points(5)
@pytest.mark.needs("test_pairs")
@given(axes(), st.integers(1, 9))
def test_ints(student, axis, more):
    """An int means a pair of that int, whatever the other arguments are."""
    pairs = both(axis, axis)
    right = student.conv_output_shape(*pairs)
    for field in Settings._fields:
        one_int = pairs._replace(**{field: getattr(axis, field)})
        agree(student.conv_output_shape(*one_int), right)
    # As one mostly has it: an image that is no square, and ints for all the rest.
    wide = axis._replace(size=axis.size + more)
    (height, _), (width, _) = right, student.conv_output_shape(*wide)
    agree(student.conv_output_shape((axis.size, wide.size), *axis[1:]), (height, width))
    agree(student.conv_output_shape((wide.size, axis.size), *axis[1:]), (width, height))


@pytest.mark.points(10)
@pytest.mark.needs("test_pairs")
@MANY
@given(PAIRS)
def test_builtin(student, pairs):
    """The shape matches what torch's own conv2d gives."""
    size, kernel, *options = pairs
    image, weight = (torch.empty(1, 1, *shape, device="meta") for shape in (size, kernel))
    padding, stride, dilation = options
    output = conv2d(image, weight, padding=padding, stride=stride, dilation=dilation)
    agree(student.conv_output_shape(*pairs), tuple(output.shape[2:]))


@pytest.mark.points(5)
@pytest.mark.needs("test_padding", "test_dilation")
@MANY
@given(axes(room=NONE).filter(lambda axis: slack(axis) == 0))
def test_only_place(student, axis):
    """A kernel that spans the padded image fits once, however large the stride."""
    agree(student.conv_output_shape(*axis), (1, 1))


@pytest.mark.points(15)
@pytest.mark.needs("test_anchor")
@MANY
@given(axes(), axes(room=st.integers(-3, -1)).filter(lambda axis: slack(axis) < 0))
def test_empty(student, fits, too_small):
    """It raises ValueError where the kernel does not fit, in rows or in columns."""
    student.conv_output_shape.raises(ValueError, *too_small)
    student.conv_output_shape.raises(ValueError, *both(fits, too_small))
    student.conv_output_shape.raises(ValueError, *both(too_small, fits))
    student.conv_output_shape.raises(ValueError, 1, too_small.kernel_size + 1)  # of one pixel
