"""Exercise 11, convolution with channels, stride and padding: what is timed."""

import torch
from torch.nn import functional

FUNCTION = "conv2d"


def inputs(generator, device):
    """A batch, filters and biases, float32, with a padding that keeps the size."""
    batch, channels, filters, side = (32, 64, 64, 64) if device == "cuda" else (8, 16, 32, 48)
    x = torch.randn(batch, channels, side, side, generator=generator)
    weight = torch.randn(filters, channels, 3, 3, generator=generator) / (9 * channels) ** 0.5
    return x, weight, torch.randn(filters, generator=generator), 1, 1


def builtin(x, weight, bias, stride, padding):
    return functional.conv2d(x, weight, bias, stride, padding)
