"""Numpy-minded: inner products over the last axes, and a maximum with zero."""

import torch


def affine(x, w, b):
    return torch.inner(x, w) + b


def relu(x):
    return torch.maximum(x, torch.zeros((), dtype=x.dtype, device=x.device))


def positionwise_ffn(x, w1, b1, w2, b2):
    return affine(relu(affine(x, w1, b1)), w2, b2)
