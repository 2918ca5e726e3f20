"""One product, divided at the end; groups checked by the greatest common divisor."""

from math import gcd, prod


def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
    if gcd(in_channels, out_channels, groups) < groups:
        raise ValueError("groups")
    sides = [kernel_size] * 2 if isinstance(kernel_size, int) else kernel_size
    return int(in_channels * out_channels * prod(sides) / groups) + bias * out_channels
