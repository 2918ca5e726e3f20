"""Exercise 10, the shape of a convolution's output: what people really write.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import math


def _both(places, *settings):
    pairs = [(value, value) if isinstance(value, int) else value for value in settings]
    rows, columns = zip(*pairs, strict=True)
    return places(*rows), places(*columns)


def _room(size, kernel, padding, dilation):
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if room < 0:
        raise ValueError("empty")
    return room


class OneForgotten:
    """Your result looks one short: the kernel stands in its first place before it moves, so add 1
    to the number of strides."""

    caught_by = "test_plain"

    def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
        def places(n, k, p, s, d):
            return _room(n, k, p, d) // s

        return _both(places, size, kernel_size, padding, stride, dilation)


class RoundedUp:
    """You seem to round up: a last stride that does not fit is left out, so round down."""

    caught_by = "test_stride"

    def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
        def places(n, k, p, s, d):
            return math.ceil(_room(n, k, p, d) / s) + 1

        return _both(places, size, kernel_size, padding, stride, dilation)


class RoundedToNearest:
    """You seem to round to the nearest number; round down, as // does."""

    caught_by = "test_stride"

    def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
        def places(n, k, p, s, d):
            return round(_room(n, k, p, d) / s) + 1

        return _both(places, size, kernel_size, padding, stride, dilation)


class OneAddedFirst:
    """You seem to divide all places by the stride; the first one takes no stride: add 1 after the
    division."""

    caught_by = "test_stride"

    def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
        def places(n, k, p, s, d):
            return (_room(n, k, p, d) + 1) // s

        return _both(places, size, kernel_size, padding, stride, dilation)


class StrideFirst:
    """You seem to divide the size by the stride before the kernel is subtracted; subtract first."""

    caught_by = "test_stride"

    def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
        def places(n, k, p, s, d):
            _room(n, k, p, d)
            return (n + 2 * p) // s - d * (k - 1)

        return _both(places, size, kernel_size, padding, stride, dilation)


class PaddingOnce:
    """Your padding seems to lie on one side only; it is added on both: 2 * padding."""

    caught_by = "test_padding"

    def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
        def places(n, k, p, s, d):
            return _room(n + p, k, 0, d) // s + 1

        return _both(places, size, kernel_size, padding, stride, dilation)


class DilationForgotten:
    """Your dilation seems to do nothing; k weights that lie d apart span d * (k - 1) + 1 pixels."""

    caught_by = "test_dilation"

    def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
        def places(n, k, p, s, d):
            return _room(n, k, p, 1) // s + 1

        return _both(places, size, kernel_size, padding, stride, dilation)


class DilationTimesKernel:
    """Your dilated kernel seems to span d * k pixels; there are only k - 1 gaps between k weights:
    d * (k - 1) + 1."""

    caught_by = "test_dilation"

    def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
        def places(n, k, p, s, d):
            return _room(n, k * d, p, 1) // s + 1

        return _both(places, size, kernel_size, padding, stride, dilation)


class DilationAsGaps:
    """You seem to leave `dilation` pixels out between two weights; they lie that far apart, so
    that a dilation of 1 leaves none out."""

    caught_by = "test_plain"

    def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
        def places(n, k, p, s, d):
            return _room(n, k, p, d + 1) // s + 1

        return _both(places, size, kernel_size, padding, stride, dilation)


class WidthFirst:
    """Your result looks turned round: rows come first, in every pair."""

    caught_by = "test_pairs"

    def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
        def places(n, k, p, s, d):
            return _room(n, k, p, d) // s + 1

        return _both(places, size, kernel_size, padding, stride, dilation)[::-1]


class NothingRaised:
    """You return a shape where the kernel fits nowhere; raise ValueError there."""

    caught_by = "test_empty"

    def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
        def places(n, k, p, s, d):
            return max((n + 2 * p - d * (k - 1) - 1) // s + 1, 0)

        return _both(places, size, kernel_size, padding, stride, dilation)


class TruncatedToZero:
    """You miss some empty outputs: `int` of a negative number rounds up, so that int(-1 / 2) + 1
    is 1. Use // or math.floor."""

    caught_by = "test_empty"

    def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
        def places(n, k, p, s, d):
            count = int((n + 2 * p - d * (k - 1) - 1) / s) + 1
            if count < 1:
                raise ValueError("empty")
            return count

        return _both(places, size, kernel_size, padding, stride, dilation)


class PaddingUnseen:
    """You raise ValueError where the kernel is larger than the image; padding may make room for
    it."""

    caught_by = "test_padding"

    def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
        def places(n, k, p, s, d):
            return _room(n, k, 0, d) // s + 1 if n < k else _room(n, k, p, d) // s + 1

        return _both(places, size, kernel_size, padding, stride, dilation)
