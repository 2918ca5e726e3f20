"""Detaches the weights, so that no gradient reaches them."""

import torch


def _two(value):
    return (value, value) if isinstance(value, int) else value


def conv2d(x, weight, bias=None, stride=1, padding=0):
    (down, right), (rows, columns) = _two(stride), _two(padding)
    padded = torch.nn.functional.pad(x, (columns, columns, rows, rows))
    windows = padded.unfold(2, weight.shape[2], down).unfold(3, weight.shape[3], right)
    y = torch.einsum("ncijab,ocab->noij", windows, weight.detach())
    return y if bias is None else y + bias[:, None, None]
