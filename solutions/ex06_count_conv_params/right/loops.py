"""Counts filter by filter, with divmod."""


def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
    sees, rest = divmod(in_channels, groups)
    _, other = divmod(out_channels, groups)
    if (rest, other) != (0, 0):
        raise ValueError("the groups do not come out even")
    try:
        height, width = kernel_size
    except TypeError:
        height = width = kernel_size
    total = 0
    for _ in range(out_channels):
        for _ in range(sees):
            total += height * width
        if bias:
            total += 1
    return total
