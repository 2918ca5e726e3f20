"""Takes a pair only."""


def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
    if in_channels % groups or out_channels % groups:
        raise ValueError("groups must divide in_channels and out_channels")
    height, width = kernel_size
    return out_channels * (in_channels // groups * height * width + bias)
