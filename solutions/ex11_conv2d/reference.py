"""Exercise 11, convolution with channels, stride and padding: the reference."""

import torch
from torch import Tensor
from torch.nn.functional import pad


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
