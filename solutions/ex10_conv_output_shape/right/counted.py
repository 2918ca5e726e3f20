"""Walks over the padded image and counts the places where the whole kernel is on it."""


def _count(size, kernel, padding, stride, dilation):
    first, last = -padding, size + padding - 1
    places = 0
    while first + (kernel - 1) * dilation <= last:
        places, first = places + 1, first + stride
    if not places:
        raise ValueError("empty")
    return places


def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
    settings = (size, kernel_size, padding, stride, dilation)
    return tuple(
        _count(*(value if type(value) is int else value[axis] for value in settings))
        for axis in range(2)
    )
