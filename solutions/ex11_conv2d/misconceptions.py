"""Exercise 11, convolution with channels, stride and padding: what people really write.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch
from torch.nn.functional import pad


def _two(value):
    return (value, value) if isinstance(value, int) else value


def _padded(x, padding):
    rows, columns = _two(padding)
    return pad(x, (columns, columns, rows, rows))


def _filtered(x, weight, bias=None, stride=1):
    down, right = _two(stride)
    windows = x.unfold(2, weight.shape[2], down).unfold(3, weight.shape[3], right)
    y = torch.einsum("ncijab,ocab->noij", windows, weight)
    return y if bias is None else y + bias[:, None, None]


class Flipped:
    """Your kernels look flipped, as in a true convolution; here they slide over x as they are."""

    caught_by = "test_channels"

    def conv2d(x, weight, bias=None, stride=1, padding=0):
        return _filtered(_padded(x, padding), weight.flip(2, 3), bias, stride)


class KernelsTransposed:
    """Your kernels look transposed: weight[o, c, a, b] lies over row i + a and column j + b."""

    caught_by = "test_channels"

    def conv2d(x, weight, bias=None, stride=1, padding=0):
        return _filtered(_padded(x, padding), weight.mT, bias, stride)


class ChannelsAveraged:
    """Your result looks averaged over the input channels; add them up."""

    caught_by = "test_one_by_one"

    def conv2d(x, weight, bias=None, stride=1, padding=0):
        return _filtered(_padded(x, padding), weight / x.shape[1], bias, stride)


class FirstChannel:
    """You seem to use the first input channel only; a filter has a kernel for each of them."""

    caught_by = "test_one_by_one"

    def conv2d(x, weight, bias=None, stride=1, padding=0):
        return _filtered(_padded(x[:, :1], padding), weight[:, :1], bias, stride)


class OneKernelForAll:
    """You seem to use a filter's first kernel for all input channels; each has its own."""

    caught_by = "test_one_by_one"

    def conv2d(x, weight, bias=None, stride=1, padding=0):
        return _filtered(_padded(x, padding), weight[:, :1].expand_as(weight), bias, stride)


class InputChannelsFirst:
    """You seem to take weight[c, o]: its first axis counts the filters, the second the input
    channels."""

    caught_by = "test_one_by_one"

    def conv2d(x, weight, bias=None, stride=1, padding=0):
        return _filtered(_padded(x, padding), weight.transpose(0, 1), bias, stride)


class BiasForgotten:
    """Your bias seems to be missing."""

    caught_by = "test_bias"

    def conv2d(x, weight, bias=None, stride=1, padding=0):
        return _filtered(_padded(x, padding), weight, None, stride)


class BiasPerInput:
    """Your bias seems to be added once for each input channel; add it once, after the sum."""

    caught_by = "test_bias"

    def conv2d(x, weight, bias=None, stride=1, padding=0):
        many = None if bias is None else bias * x.shape[1]
        return _filtered(_padded(x, padding), weight, many, stride)


class BiasAlongColumns:
    """Your bias lies along the columns of the result: `+ bias` meets the last axis. The channels
    are the second: bias[:, None, None]."""

    caught_by = "test_bias"

    def conv2d(x, weight, bias=None, stride=1, padding=0):
        y = _filtered(_padded(x, padding), weight, None, stride)
        return y if bias is None else y + bias


class ImageSubsampled:
    """You seem to leave out pixels of the image; the kernel sees all of them, only its place moves
    by the stride."""

    caught_by = "test_stride"

    def conv2d(x, weight, bias=None, stride=1, padding=0):
        down, right = _two(stride)
        return _filtered(_padded(x, padding)[:, :, ::down, ::right], weight, bias)


class StrideForgotten:
    """Your stride seems to do nothing: it keeps every s-th row and column of the result."""

    caught_by = "test_stride"

    def conv2d(x, weight, bias=None, stride=1, padding=0):
        return _filtered(_padded(x, padding), weight, bias)


class StrideTurned:
    """Your strides look exchanged: the first is for rows, the second for columns."""

    caught_by = "test_stride"

    def conv2d(x, weight, bias=None, stride=1, padding=0):
        return _filtered(_padded(x, padding), weight, bias, _two(stride)[::-1])


class PaddingTurned:
    """Your padding looks exchanged: the first is for rows, the second for columns, while
    torch.nn.functional.pad takes the last axis first."""

    caught_by = "test_padding"

    def conv2d(x, weight, bias=None, stride=1, padding=0):
        return _filtered(_padded(x, _two(padding)[::-1]), weight, bias, stride)


class PaddingOneSide:
    """Your zeros lie on one side only; put them on both, above and below, left and right."""

    caught_by = "test_padding"

    def conv2d(x, weight, bias=None, stride=1, padding=0):
        rows, columns = _two(padding)
        return _filtered(pad(x, (0, columns, 0, rows)), weight, bias, stride)


class PaddingAllOnOneSide:
    """All of your zeros lie below and on the right; share them out on both sides."""

    caught_by = "test_padding"

    def conv2d(x, weight, bias=None, stride=1, padding=0):
        rows, columns = _two(padding)
        return _filtered(pad(x, (0, 2 * columns, 0, 2 * rows)), weight, bias, stride)


class EdgesRepeated:
    """Your padding seems to repeat the pixels at the edge; pad with zeros."""

    caught_by = "test_padding"

    def conv2d(x, weight, bias=None, stride=1, padding=0):
        rows, columns = _two(padding)
        repeated = pad(x, (columns, columns, rows, rows), mode="replicate")
        return _filtered(repeated, weight, bias, stride)


class ResultPadded:
    """You seem to pad the result; pad the image, before the filters see it."""

    caught_by = "test_padding"

    def conv2d(x, weight, bias=None, stride=1, padding=0):
        return _padded(_filtered(x, weight, bias, stride), padding)
