"""The formula of torch's documentation, with a floating division and math.floor."""

import math


def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
    both = [
        list(value) if isinstance(value, (tuple, list)) else [value] * 2
        for value in (size, kernel_size, padding, stride, dilation)
    ]
    shape = tuple(
        math.floor((n + 2 * p - d * (k - 1) - 1) / s + 1)
        for n, k, p, s, d in zip(*both, strict=True)
    )
    if min(shape) < 1:
        raise ValueError(f"no output: {shape}")
    return shape
