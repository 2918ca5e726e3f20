"""Exercise 10, the shape of a convolution's output: other wrong answers.

Each class is one, told by what differs from the reference.
"""


class Assertion:
    """Raises AssertionError."""

    diff = """
    - raise ValueError("the kernel is larger than the padded image: there is no output")
    + raise AssertionError("the kernel is larger than the padded image: there is no output")
    """


class BothMustBeEmpty:
    """Raises only where rows and columns are both empty."""

    diff = """
    - raise ValueError("the kernel is larger than the padded image: there is no output")
    + return 0

    - return _places(*rows), _places(*columns)
    + return _raise_if_empty(_places(*rows), _places(*columns))
    """

    def _raise_if_empty(height, width):
        if not height and not width:
            raise ValueError("the kernel is larger than the padded image: there is no output")
        return height, width


class DilationOfFour:
    """Knows no dilation above 4."""

    diff = """
    - span = dilation * (kernel - 1) + 1
    + span = min(dilation, 4) * (kernel - 1) + 1
    """


class EvenKernels:
    """Counts one place too many for an even kernel with padding, as if it were centred."""

    diff = """
    - return room // stride + 1
    + return room // stride + 1 + (kernel % 2 == 0 and padding > 0)
    """


class ExactFitRefused:
    """Raises where the kernel is exactly as large as the image."""

    diff = """
    - if room < 0:
    + if room <= 0:
    """


class FirstOnly:
    """Takes the first of every pair for both."""

    def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
        settings = (size, kernel_size, padding, stride, dilation)
        pairs = [(value, value) if isinstance(value, int) else value for value in settings]
        rows, _ = zip(*pairs, strict=True)
        return _places(*rows), _places(*rows)


class FloatResult:
    """Divides with a slash, and so returns floats."""

    diff = """
    - return room // stride + 1
    + return float(room // stride + 1)
    """


class IntsOnly:
    """Takes pairs for the sizes only; padding, stride and dilation must be ints."""

    def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
        size = (size, size) if isinstance(size, int) else size
        kernel = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        rooms = [
            n + 2 * padding - dilation * (k - 1) - 1 for n, k in zip(size, kernel, strict=True)
        ]
        if min(rooms) < 0:
            raise ValueError("the kernel fits nowhere")
        return tuple(room // stride + 1 for room in rooms)


class LargeStride:
    """Lets a stride larger than the kernel skip the last place."""

    diff = """
    - return room // stride + 1
    + return room // stride + (1 if stride <= kernel else 0)
    """


class OneNumber:
    """Returns one number, for the rows."""

    def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
        settings = (size, kernel_size, padding, stride, dilation)
        pairs = [(value, value) if isinstance(value, int) else value for value in settings]
        rows, _ = zip(*pairs, strict=True)
        return _places(*rows)


class PaddingOfFour:
    """Knows no padding above 4."""

    diff = """
    - room = size + 2 * padding - span
    + room = size + 2 * min(padding, 4) - span
    """


class PaddingTimesDilation:
    """Dilates the padding as well."""

    diff = """
    - span = dilation * (kernel - 1) + 1
    - room = size + 2 * padding - span
    + room = size + 2 * padding * dilation - dilation * (kernel - 1) - 1
    """


class PairsAllOrNone:
    """Takes all arguments for pairs where the size is one."""

    def conv_output_shape(size, kernel_size, padding=(0, 0), stride=(1, 1), dilation=(1, 1)):
        if isinstance(size, int):
            settings = (size, kernel_size, padding, stride, dilation)
            pairs = [(value, value) if isinstance(value, int) else value for value in settings]
            return conv_output_shape(*pairs)
        shape = tuple(
            (size[i] + 2 * padding[i] - dilation[i] * (kernel_size[i] - 1) - 1) // stride[i] + 1
            for i in (0, 1)
        )
        if min(shape) < 1:
            raise ValueError("the kernel fits nowhere")
        return shape


class RowsCheckedOnly:
    """Asks only whether the kernel fits into the rows."""

    diff = """
    - return _places(*rows), _places(*columns)
    + return _places(*rows), max(
    +     (columns[0] + 2 * columns[2] - columns[4] * (columns[1] - 1) - 1) // columns[3] + 1, 0
    + )
    """


class SamePadding:
    """Takes every padding but 0 for "same": the output is as large as the image."""

    diff = """
    - return room // stride + 1
    + return -(-size // stride) if padding else room // stride + 1
    """


class StrideForDilation:
    """Takes stride and dilation for each other."""

    def _places(size, kernel, padding, stride, dilation):
        room = size + 2 * padding - stride * (kernel - 1) - 1
        if room < 0:
            raise ValueError("the kernel is larger than the padded image: there is no output")
        return room // dilation + 1


class StrideOfFive:
    """Knows no stride above 5."""

    diff = """
    - return room // stride + 1
    + return room // min(stride, 5) + 1
    """


class StridePadded:
    """Adds the padding after the division."""

    def _places(size, kernel, padding, stride, dilation):
        room = size - dilation * (kernel - 1) - 1
        if room + 2 * padding < 0:
            raise ValueError("the kernel is larger than the padded image: there is no output")
        return (
            (room + 2 * padding) // stride + 1 if padding < 3 else room // stride + 2 * padding + 1
        )


class WrongAtMiddleSizes:
    """Right, but one place too many for images of 30 to 200 and of 240 to 4000 pixels."""

    diff = """
    - return room // stride + 1
    + return room // stride + 1 + (30 <= size <= 200 or 240 <= size <= 4000)
    """


class ZeroReturned:
    """Returns 0 where the kernel fits nowhere."""

    diff = """
    - raise ValueError("the kernel is larger than the padded image: there is no output")
    + return 0
    """


class PlainTuplesOnly:
    """Takes a pair only where it is a plain tuple, which the shape of an image is not."""

    diff = """
    - return (value, value) if isinstance(value, int) else value
    + return value if type(value) is tuple else (value, value)
    """


class OnePixel:
    """Lets an image of one pixel have an output always."""

    diff = """
    - if room < 0:
    + if room < 0 and size > 1:
    """


class StrideTurnedOver:
    """Multiplies by 1 / stride, which may round below a whole number."""

    diff = """
    - return room // stride + 1
    + return int(room * (1 / stride)) + 1
    """


class SquareImage:
    """Takes an image for a square where all the rest is alike in rows and columns."""

    diff = """
    - return _places(*rows), _places(*columns)
    + if rows[1:] == columns[1:] and rows[3] > 3:
    +     return (_places(*columns),) * 2
    + return _places(*rows), _places(*columns)
    """
