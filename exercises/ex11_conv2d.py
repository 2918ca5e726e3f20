"""Exercise 11. Convolution with channels, stride and padding

This is the layer that made computers see. Each of its filters looks at all input channels at
once, with a kernel for each of them, and makes one output channel: a map of where in the image
something was found. The products of all channels are added up, and the filter's bias once.

    p = x with padding[0] rows of zeros above and below, padding[1] columns left and right

    y[n, o, i, j] = bias[o] + sum over c, a, b of
                    p[n, c, i * stride[0] + a, j * stride[1] + b] * weight[o, c, a, b]

Time counts: at most 3 times what the reference solution takes.

Source: LeCun et al., "Gradient-Based Learning Applied to Document Recognition" (1998), section
II; arguments are those of torch.nn.functional.conv2d.
"""

from torch import Tensor


def conv2d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> Tensor:
    """Apply O filters to every image of a batch.

    x: (N, C, H, W), weight: (O, C, kh, kw), bias: (O,) or None for no bias.
    stride, padding: a pair for rows and columns, or one int for both; stride is at least 1, padding
    at least 0. The kernel is at most as large as the padded image.
    Returns (N, O, H', W'), where H' and W' are the shape of exercise 10.
    """
    # TODO: what changes in exercise 9 if each weight is a matrix (O, C), each pixel a vector (C,)?
    raise NotImplementedError
