"""Divides with a slash, and so returns floats."""


def _places(size, kernel, padding, stride, dilation):
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if room < 0:
        raise ValueError("the kernel fits nowhere")
    return float(room // stride + 1)


def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
    settings = (size, kernel_size, padding, stride, dilation)
    pairs = [(value, value) if isinstance(value, int) else value for value in settings]
    rows, columns = zip(*pairs, strict=True)
    return _places(*rows), _places(*columns)
