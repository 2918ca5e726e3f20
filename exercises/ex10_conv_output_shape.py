"""Exercise 10. The shape of a convolution's output

How large is what comes out of a convolution? Whoever builds a network has to know, layer after
layer. Four settings decide. Padding puts that many rows or columns of zeros on each side of the
image. Dilation spreads the kernel: its weights look at pixels that lie that far apart. Stride is
how far the kernel moves from one output to the next; a last step that does not fit is left out.

    28 pixels, kernel 5:                                     24
    28 pixels, kernel 5, padding 2:                          28
    28 pixels, kernel 5, padding 2, stride 3:                10
    28 pixels, kernel 5, padding 2, stride 3, dilation 2:     8

Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016).
"""


def conv_output_shape(
    size: int | tuple[int, int],
    kernel_size: int | tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    """Give the height and width of the output, as a pair of ints.

    Each argument is a pair, for rows and columns, or one int for both: padding at least 0, the
    others at least 1. Raises ValueError where the kernel fits nowhere, so that there is no output.
    """
    # TODO: how many pixels does a kernel of 3 span with dilation 2? In how many places does it fit?
    raise NotImplementedError
