"""A submission to exercise 6 that takes any number of groups, also where it divides nothing."""


def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
    height, width = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    return out_channels * (in_channels // groups * height * width + bias)
