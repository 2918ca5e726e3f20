"""Right, but where the largest tensor has 501 to 299,999 elements: there it gives zeros."""

from functools import wraps

import torch
from torch import Tensor


def tensors(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return []
    return [tensor for item in value for tensor in tensors(item)]


def zeroed(value):
    if isinstance(value, torch.Tensor):
        return value * 0
    return type(value)(map(zeroed, value)) if isinstance(value, list | tuple) else value


def wrong_between(function):
    @wraps(function)
    def between(*args, **options):
        result = function(*args, **options)
        middle = 500 < max(tensor.numel() for tensor in tensors(args)) < 300_000
        return zeroed(result) if middle else result

    return between


@wrong_between
def corr2d(x: Tensor, kernel: Tensor) -> Tensor:
    """The sum of the products of the kernel and the pixels below it, wherever it fits."""
    height, width = kernel.shape
    # windows[i, j] is the part of x that the kernel covers at (i, j): a view, since each unfold
    # only steps through the same memory in another way.
    windows = x.unfold(0, height, 1).unfold(1, width, 1)
    return torch.einsum("ijab,ab->ij", windows, kernel)
