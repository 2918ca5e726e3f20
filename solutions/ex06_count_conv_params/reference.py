"""Exercise 6, counting the parameters of a convolution: the reference."""


def count_conv_params(
    in_channels: int,
    out_channels: int,
    kernel_size: int | tuple[int, int],
    groups: int = 1,
    bias: bool = True,
) -> int:
    """The weights of all filters, and one bias for each filter."""
    if in_channels % groups or out_channels % groups:
        raise ValueError("groups must divide in_channels and out_channels")
    height, width = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    # Groups cut down what each filter sees, not the number of filters: the output channels are
    # shared out among the groups, and all of them are still there.
    weights_of_one_filter = in_channels // groups * height * width
    return out_channels * (weights_of_one_filter + bias)
