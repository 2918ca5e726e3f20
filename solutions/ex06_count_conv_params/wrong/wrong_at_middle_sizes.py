"""Right, but counts no bias where there are 100 to 500 or 520 to 5000 output channels."""


def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
    if in_channels % groups or out_channels % groups:
        raise ValueError("groups does not divide the channels")
    height, width = (kernel_size,) * 2 if isinstance(kernel_size, int) else kernel_size
    middle = 100 <= out_channels <= 500 or 520 <= out_channels <= 5000
    weights = out_channels * (in_channels // groups) * height * width
    return weights + (out_channels if bias and not middle else 0)
