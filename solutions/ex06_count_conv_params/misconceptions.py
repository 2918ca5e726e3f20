"""Exercise 6, counting the parameters of a convolution: what people really write.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""


def _check(in_channels, out_channels, groups):
    if in_channels % groups or out_channels % groups:
        raise ValueError("groups must divide in_channels and out_channels")


def _area(kernel_size):
    if isinstance(kernel_size, int):
        return kernel_size * kernel_size
    height, width = kernel_size
    return height * width


class NoBias:
    """You seem to leave the biases out: with `bias`, every filter has one more parameter."""

    caught_by = "test_square"

    def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
        _check(in_channels, out_channels, groups)
        return out_channels * (in_channels // groups) * _area(kernel_size)


class AlwaysBias:
    """You count biases even where `bias` is False."""

    caught_by = "test_bias"

    def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
        _check(in_channels, out_channels, groups)
        return out_channels * (in_channels // groups * _area(kernel_size) + 1)


class OneBias:
    """You seem to count one bias for the whole layer; each output channel has its own."""

    caught_by = "test_square"

    def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
        _check(in_channels, out_channels, groups)
        return out_channels * (in_channels // groups) * _area(kernel_size) + bias


class BiasPerInput:
    """You seem to count a bias for each input channel; a bias belongs to an output channel."""

    caught_by = "test_square"

    def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
        _check(in_channels, out_channels, groups)
        weights = out_channels * (in_channels // groups) * _area(kernel_size)
        return weights + in_channels * bias


class BiasPerKernel:
    """You seem to count a bias for each pair of input and output channel; a filter has only one."""

    caught_by = "test_square"

    def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
        _check(in_channels, out_channels, groups)
        return out_channels * (in_channels // groups) * (_area(kernel_size) + bias)


class FlatFilters:
    """Your filters look flat: each has a kernel for every input channel that it sees."""

    caught_by = "test_square"

    def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
        _check(in_channels, out_channels, groups)
        return out_channels * (_area(kernel_size) + bias)


class KernelOnce:
    """Your kernel has one side only: an int kernel_size k stands for k x k weights."""

    caught_by = "test_square"

    def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
        _check(in_channels, out_channels, groups)
        size = kernel_size if isinstance(kernel_size, int) else _area(kernel_size)
        return out_channels * (in_channels // groups * size + bias)


class SquarePair:
    """Of a kernel given as a pair you seem to use one side twice; it is height times width."""

    caught_by = "test_pair"

    def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
        _check(in_channels, out_channels, groups)
        side = kernel_size if isinstance(kernel_size, int) else kernel_size[0]
        return out_channels * (in_channels // groups * side * side + bias)


class GroupsIgnored:
    """You seem to ignore `groups`: a filter sees only in_channels / groups channels."""

    caught_by = "test_groups"

    def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
        _check(in_channels, out_channels, groups)
        return out_channels * (in_channels * _area(kernel_size) + bias)


class GroupsTwice:
    """You divide both numbers of channels by `groups`; only what one filter sees shrinks."""

    caught_by = "test_groups"

    def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
        _check(in_channels, out_channels, groups)
        weights = (out_channels // groups) * (in_channels // groups) * _area(kernel_size)
        return weights + out_channels * bias


class GroupsForBias:
    """You divide the biases by `groups` too; every output channel keeps its bias."""

    caught_by = "test_groups"

    def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
        _check(in_channels, out_channels, groups)
        return out_channels * (in_channels * _area(kernel_size) + bias) // groups


class NoCheck:
    """You never raise ValueError: no layer can be built where groups leave a remainder."""

    caught_by = "test_indivisible"

    def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
        return out_channels * (in_channels // groups * _area(kernel_size) + bias)


class OnlyInputsChecked:
    """You check only in_channels; `groups` must divide out_channels as well."""

    caught_by = "test_indivisible"

    def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
        _check(in_channels, groups, groups)
        return out_channels * (in_channels // groups * _area(kernel_size) + bias)


class OnlyOutputsChecked:
    """You check only out_channels; `groups` must divide in_channels as well."""

    caught_by = "test_indivisible"

    def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
        _check(groups, out_channels, groups)
        return out_channels * (in_channels // groups * _area(kernel_size) + bias)


class OneSuffices:
    """You raise only where `groups` divides neither number of channels; it must divide both."""

    caught_by = "test_indivisible"

    def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
        if in_channels % groups and out_channels % groups:
            raise ValueError("groups must divide in_channels and out_channels")
        return out_channels * (in_channels // groups * _area(kernel_size) + bias)
