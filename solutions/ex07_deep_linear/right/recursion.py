"""Splits off the last layer, recursively, and squares by hand."""

import torch


def deep_linear(x, weights):
    *before, last = weights
    if before:
        signal, norms = deep_linear(x, before)
    else:
        signal, norms = x, x.new_zeros(0)
    signal = signal.matmul(last)
    return signal, torch.cat((norms, signal.pow(2).sum().sqrt().reshape(1)))
