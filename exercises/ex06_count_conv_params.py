"""Exercise 6. Counting the parameters of a convolution

How large is a model? Before it is trained, or fits a phone, somebody has to count. A convolution
has one filter per output channel; each filter looks at all the input channels of its group, and
the bias adds one number per filter.

    3 channels to 10 with a 3x3 kernel: 10 filters of 3 * 3 * 3 weights, 10 biases: 280

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html, under "Variables".
"""


def count_conv_params(
    in_channels: int,
    out_channels: int,
    kernel_size: int | tuple[int, int],
    groups: int = 1,
    bias: bool = True,
) -> int:
    """Count the learnable numbers of a 2-D convolution, all arguments at least 1.

    kernel_size: the height and width of the kernel, or one int for both.
    groups: input and output channels are cut into that many parts, and each filter sees only the
    input channels of its own part. Raises ValueError where groups does not divide both numbers
    of channels.
    """
    # TODO: how many weights has one filter? What about groups = in_channels: what does it see then?
    raise NotImplementedError
