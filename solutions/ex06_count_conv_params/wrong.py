"""Exercise 6, counting the parameters of a convolution: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class Always_280:
    """Knows the example by heart."""

    def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
        return 280


class Assertion:
    """Raises AssertionError instead of ValueError."""

    diff = """
    - raise ValueError("groups must divide in_channels and out_channels")
    + raise AssertionError("groups must divide in_channels and out_channels")
    """


class BiasDoubled:
    """Counts the biases twice."""

    diff = """
    - return out_channels * (weights_of_one_filter + bias)
    + return out_channels * (weights_of_one_filter + 2 * bias)
    """


class BiasInGroupsOnly:
    """Counts no bias where there are groups."""

    diff = """
    - return out_channels * (weights_of_one_filter + bias)
    + return out_channels * (weights_of_one_filter + (bias and groups == 1))
    """


class BiasPerGroup:
    """Counts one bias for each group."""

    diff = """
    - weights_of_one_filter = in_channels // groups * height * width
    - return out_channels * (weights_of_one_filter + bias)
    + return out_channels * (in_channels // groups * height * width) + groups * bias
    """


class BiasSubtracted:
    """Subtracts the biases."""

    diff = """
    - weights_of_one_filter = in_channels // groups * height * width
    - return out_channels * (weights_of_one_filter + bias)
    + return out_channels * (in_channels // groups * height * width - bias)
    """


class BiasTurnedRound:
    """Counts the biases where there are none."""

    diff = """
    - return out_channels * (weights_of_one_filter + bias)
    + return out_channels * (weights_of_one_filter + (not bias))
    """


class CheckedUpToTwelve:
    """Asks of twelve groups at most whether they divide the channels."""

    diff = """
    - if in_channels % groups or out_channels % groups:
    + if groups <= 12 and (in_channels % groups or out_channels % groups):
    """


class CheckedWithBias:
    """Checks the groups only where there is a bias."""

    diff = """
    - if in_channels % groups or out_channels % groups:
    + if bias and (in_channels % groups or out_channels % groups):
    """


class CubicKernel:
    """Counts a kernel of three sides."""

    diff = """
    - weights_of_one_filter = in_channels // groups * height * width
    + weights_of_one_filter = in_channels // groups * height * width * height
    """


class DepthwiseHasNoBias:
    """Gives no bias where every channel has a group of its own, and there are many."""

    diff = """
    - return out_channels * (weights_of_one_filter + bias)
    + if in_channels == groups and groups > 6:
    +     bias = False
    + return out_channels * (weights_of_one_filter + bias)
    """


class DivisorsTurnedRound:
    """Asks whether the channels divide the groups."""

    diff = """
    - if in_channels % groups or out_channels % groups:
    + if groups % in_channels or groups % out_channels:
    """


class EvenGroups:
    """Takes two groups whatever the number."""

    diff = """
    - weights_of_one_filter = in_channels // groups * height * width
    + weights_of_one_filter = in_channels // min(groups, 2) * height * width
    """


class FloatResult:
    """Divides with a slash, and so returns a float."""

    diff = """
    - weights_of_one_filter = in_channels // groups * height * width
    + weights_of_one_filter = in_channels / groups * height * width
    """


class GroupsMultiplied:
    """Multiplies by the groups."""

    diff = """
    - weights_of_one_filter = in_channels // groups * height * width
    + weights_of_one_filter = in_channels * groups * height * width
    """


class HalfKernel:
    """Adds the sides of the kernel."""

    diff = """
    - weights_of_one_filter = in_channels // groups * height * width
    + weights_of_one_filter = in_channels // groups * (height + width)
    """


class NinePixelsAtMost:
    """Takes a kernel for no higher than nine pixels."""

    diff = """
    - weights_of_one_filter = in_channels // groups * height * width
    + weights_of_one_filter = in_channels // groups * min(height, 9) * width
    """


class NoInt:
    """Takes a pair only."""

    diff = """
    - height, width = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    + height, width = kernel_size
    """


class NoPair:
    """Takes an int only."""

    diff = """
    - height, width = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    + height, width = (kernel_size, kernel_size)
    """


class ProductChecked:
    """Checks the product of the channels."""

    diff = """
    - if in_channels % groups or out_channels % groups:
    + if in_channels * out_channels % groups:
    """


class ReturnsError:
    """Returns the error instead of raising it."""

    diff = """
    - raise ValueError("groups must divide in_channels and out_channels")
    + return ValueError("groups must divide in_channels and out_channels")
    """


class ReturnsZero:
    """Returns 0 where the groups do not divide the channels."""

    diff = """
    - raise ValueError("groups must divide in_channels and out_channels")
    + return 0
    """


class SumChecked:
    """Checks the sum of the channels."""

    diff = """
    - if in_channels % groups or out_channels % groups:
    + if (in_channels + out_channels) % groups:
    """


class SwappedChannels:
    """Takes input channels for output channels."""

    diff = """
    - weights_of_one_filter = in_channels // groups * height * width
    - return out_channels * (weights_of_one_filter + bias)
    + return in_channels * (out_channels // groups * height * width + bias)
    """


class TensorResult:
    """Returns a tensor."""

    diff = """
    - weights_of_one_filter = in_channels // groups * height * width
    - return out_channels * (weights_of_one_filter + bias)
    + return torch.tensor(out_channels * (in_channels // groups * height * width + bias))
    """


class TextResult:
    """Returns the number as text."""

    diff = """
    - weights_of_one_filter = in_channels // groups * height * width
    - return out_channels * (weights_of_one_filter + bias)
    + return str(out_channels * (in_channels // groups * height * width + bias))
    """


class TooManyGroupsOnly:
    """Raises only where there are more groups than channels."""

    diff = """
    - if in_channels % groups or out_channels % groups:
    + if groups > in_channels or groups > out_channels:
    """


class WidthForgotten:
    """Uses the height of a pair only."""

    diff = """
    - weights_of_one_filter = in_channels // groups * height * width
    - return out_channels * (weights_of_one_filter + bias)
    + return out_channels * (
    +     in_channels // groups * height * (width if width == height else 1) + bias
    + )
    """


class WrongAtMiddleSizes:
    """Right, but counts no bias where there are 100 to 500 or 520 to 5000 output channels."""

    diff = """
    - return out_channels * (weights_of_one_filter + bias)
    + middle = 100 <= out_channels <= 500 or 520 <= out_channels <= 5000
    + return out_channels * (weights_of_one_filter + (bias and not middle))
    """


class PlainTuplesOnly:
    """Takes a pair only where it is a plain tuple, which the shape of a kernel is not."""

    diff = """
    - height, width = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    + height, width = kernel_size if type(kernel_size) is tuple else (kernel_size, kernel_size)
    """
