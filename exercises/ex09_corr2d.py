"""Exercise 9. Cross-correlation

A small window of weights, the kernel, slides over an image. Wherever it fits, it is multiplied
with the pixels below it, and the products are added up. Edge detectors work like this, and so
does every "convolution" of a neural network. (In mathematics a convolution flips the kernel first;
deep learning does not bother, since the kernel is learnt anyway.)

    y[i, j] = sum over a, b of  x[i + a, j + b] * kernel[a, b]

    x = 0 1 2      kernel = 0 1      y = 19 25        19 = 0*0 + 1*1 + 3*2 + 4*3
        3 4 5               2 3          37 43
        6 7 8

Time counts: at most 3 times what the reference solution takes.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html, "valid
cross-correlation operator".
"""

from torch import Tensor


def corr2d(x: Tensor, kernel: Tensor) -> Tensor:
    """Slide the kernel over the image, as it is and only to where it fits.

    x: (H, W), kernel: (kh, kw), at most as large as x. Returns (H - kh + 1, W - kw + 1).
    """
    # TODO: two loops over y are right, but slow. What does kernel[0, 1] add to all of y at once?
    raise NotImplementedError
