"""Adds the padding after the division."""


def _places(size, kernel, padding, stride, dilation):
    room = size - dilation * (kernel - 1) - 1
    if room + 2 * padding < 0:
        raise ValueError("the kernel fits nowhere")
    return (room + 2 * padding) // stride + 1 if padding < 3 else room // stride + 2 * padding + 1


def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
    settings = (size, kernel_size, padding, stride, dilation)
    pairs = [(value, value) if isinstance(value, int) else value for value in settings]
    rows, columns = zip(*pairs, strict=True)
    return _places(*rows), _places(*columns)
