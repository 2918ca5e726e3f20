"""Right, but where the largest tensor has 501 to 299,999 elements: there it gives zeros."""

from functools import wraps

import torch
from torch import Tensor
from torch.nn.functional import pad


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
def conv2d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> Tensor:
    """The products of each filter with all windows of all channels, and its bias."""
    down, right = _pair(stride)
    rows, columns = _pair(padding)
    # `pad` wants the last axis first: left, right, above, below.
    padded = pad(x, (columns, columns, rows, rows))
    # A view of shape (N, C, H', W', kh, kw): a window for each output, `stride` pixels apart.
    windows = padded.unfold(2, weight.shape[2], down).unfold(3, weight.shape[3], right)
    # The channels are summed like the places in the window: a pixel is a vector of channels.
    y = torch.einsum("ncijab,ocab->noij", windows, weight)
    return y if bias is None else y + bias[:, None, None]


def _pair(value: int | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value
