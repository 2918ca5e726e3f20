"""Raises only where rows and columns are both empty."""


def _places(size, kernel, padding, stride, dilation):
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if room < 0:
        return 0
    return room // stride + 1


def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
    settings = (size, kernel_size, padding, stride, dilation)
    pairs = [(value, value) if isinstance(value, int) else value for value in settings]
    rows, columns = zip(*pairs, strict=True)
    return _raise_if_empty(_places(*rows), _places(*columns))


def _raise_if_empty(height, width):
    if not height and not width:
        raise ValueError("the kernel fits nowhere")
    return height, width
