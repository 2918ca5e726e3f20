"""Adds up one small dense layer for each group."""

import math


def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
    for channels in (in_channels, out_channels):
        if channels / groups != channels // groups:
            raise ValueError("channels must be a multiple of groups")
    area = kernel_size**2 if type(kernel_size) is int else math.prod(kernel_size)
    inner, outer = in_channels // groups, out_channels // groups
    one_group = inner * outer * area
    if bias:
        one_group += outer
    return sum(one_group for _ in range(groups))
