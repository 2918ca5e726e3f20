"""Exercise 9, cross-correlation: the reference."""

import torch
from torch import Tensor


def corr2d(x: Tensor, kernel: Tensor) -> Tensor:
    """The sum of the products of the kernel and the pixels below it, wherever it fits."""
    height, width = kernel.shape
    # windows[i, j] is the part of x that the kernel covers at (i, j): a view, since each unfold
    # only steps through the same memory in another way.
    windows = x.unfold(0, height, 1).unfold(1, width, 1)
    return torch.einsum("ijab,ab->ij", windows, kernel)
