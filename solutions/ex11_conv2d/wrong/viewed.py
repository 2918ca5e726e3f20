"""Flattens the batch with view, which only works for a contiguous image."""

import torch


def _two(value):
    return (value, value) if isinstance(value, int) else value


def conv2d(x, weight, bias=None, stride=1, padding=0):
    x = x.view(-1, *x.shape[2:]).view(x.shape)
    (down, right), (rows, columns) = _two(stride), _two(padding)
    padded = torch.nn.functional.pad(x, (columns, columns, rows, rows))
    windows = padded.unfold(2, weight.shape[2], down).unfold(3, weight.shape[3], right)
    y = torch.einsum("ncijab,ocab->noij", windows, weight)
    return y if bias is None else y + bias[:, None, None]
