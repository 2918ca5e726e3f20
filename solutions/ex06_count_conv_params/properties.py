"""Exercise 6, counting the parameters of a convolution: what any right answer obeys."""

from typing import NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn import Conv2d

from grader.judge import handles
from grader.judge.compare import agree
from grader.judge.strategies import spread

# Realistic layers, and among them those that a person can count by hand.
CHANNELS = st.one_of(st.integers(1, 8), spread(9, 4000))
SIDES = st.one_of(st.integers(1, 7), spread(8, 60))
GROUPS = st.one_of(st.integers(1, 6), spread(7, 200))
PAIRS = st.tuples(SIDES, SIDES)


class Layer(NamedTuple):
    in_channels: int
    out_channels: int
    kernel_size: int | tuple[int, int]
    groups: int = 1
    bias: bool = True


COUNTS = st.one_of(st.integers(1, 12), spread(13, 600))
# Channels, filters and groups: any, and such that groups divides the product of the others.
ANY_THREE = st.tuples(COUNTS, COUNTS, st.one_of(st.integers(2, 12), spread(13, 300)))
PRODUCTS = st.builds(
    lambda a, b, times: (a * times, b * times, a * b),
    st.integers(2, 6),
    st.integers(2, 6),
    st.integers(1, 4),
)
PLAIN = st.builds(Layer, CHANNELS, CHANNELS, SIDES)


@st.composite
def grouped(draw):
    groups, inputs, outputs = draw(GROUPS), draw(CHANNELS), draw(CHANNELS)
    kernel = draw(st.one_of(SIDES, PAIRS))
    return Layer(groups * inputs, groups * outputs, kernel, groups, draw(st.booleans()))


@pytest.mark.points(5)
def test_anchor(student):
    """From 3 to 10 channels with a 3x3 kernel there are 280 parameters."""
    agree(student.count_conv_params(3, 10, 3), 280)


@pytest.mark.points(25)
@given(PLAIN)
def test_square(student, reference, layer):
    """Every filter has a weight for each input channel and place in the kernel, and a bias."""
    agree(student.count_conv_params(*layer[:3]), reference.count_conv_params(*layer[:3]))


@pytest.mark.points(15)
@pytest.mark.needs("test_square")
@given(PLAIN)
def test_bias(student, reference, layer):
    """Without biases there is one parameter less for each output channel."""
    channels, filters, kernel, *_ = layer
    for bias in (False, True):
        right = reference.count_conv_params(channels, filters, kernel, bias=bias)
        agree(student.count_conv_params(channels, filters, kernel, bias=bias), right)


@pytest.mark.points(15)
@pytest.mark.needs("test_square")
@given(CHANNELS, CHANNELS, PAIRS)
def test_pair(student, reference, channels, filters, kernel):
    """The kernel may be a pair, height and width."""
    right = reference.count_conv_params(channels, filters, kernel)
    agree(student.count_conv_params(channels, filters, kernel), right)
    # The shape of a kernel is a tuple as well, of a class of its own.
    size = handles.given.torch.Size(kernel)
    agree(student.count_conv_params(channels, filters, size), right)


@pytest.mark.points(15)
@pytest.mark.needs("test_square")
@given(PLAIN, GROUPS)
def test_groups(student, layer, groups):
    """A layer with groups has as many parameters as that many small layers side by side."""
    channels, filters, kernel, *_ = layer
    small = student.count_conv_params(channels, filters, kernel)
    whole = student.count_conv_params(groups * channels, groups * filters, kernel, groups=groups)
    agree(whole, groups * small)


@pytest.mark.points(10)
@pytest.mark.needs("test_square")
@given(grouped())
@settings(max_examples=40)
def test_builtin(student, layer):
    """The count matches torch's own nn.Conv2d."""
    options = {"groups": layer.groups, "bias": layer.bias}
    module = Conv2d(*layer[:3], **options, device="meta")
    count = sum(parameter.numel() for parameter in module.parameters())
    agree(student.count_conv_params(*layer[:3], **options), count)


@pytest.mark.points(15)
@pytest.mark.needs("test_anchor")
@given(st.one_of(ANY_THREE, PRODUCTS), SIDES, st.booleans())
@settings(max_examples=60)
def test_indivisible(student, numbers, kernel, bias):
    """It raises ValueError where groups does not divide both numbers of channels."""
    channels, filters, groups = numbers
    assume(channels % groups or filters % groups)
    layer, options = (channels, filters, kernel), {"groups": groups, "bias": bias}
    student.count_conv_params.raises(ValueError, *layer, **options)
