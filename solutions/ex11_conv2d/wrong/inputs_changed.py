"""Flips the kernels in place, and leaves them flipped."""

import torch


def _two(value):
    return (value, value) if isinstance(value, int) else value


def conv2d(x, weight, bias=None, stride=1, padding=0):
    if not weight.requires_grad:
        weight.copy_(weight.flip(2, 3))
        kernels = weight.flip(2, 3)
    else:
        kernels = weight
    (down, right), (rows, columns) = _two(stride), _two(padding)
    padded = torch.nn.functional.pad(x, (columns, columns, rows, rows))
    windows = padded.unfold(2, weight.shape[2], down).unfold(3, weight.shape[3], right)
    y = torch.einsum("ncijab,ocab->noij", windows, kernels)
    return y if bias is None else y + bias[:, None, None]
