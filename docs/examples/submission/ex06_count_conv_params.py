"""A submission to exercise 6 that counts a bias even where there is none, and takes any groups."""


def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
    height, width = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    return out_channels * (in_channels // groups * height * width + 1)
