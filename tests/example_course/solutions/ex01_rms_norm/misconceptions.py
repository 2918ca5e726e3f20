"""Exercise 1, root mean square normalisation: what people really write, and what helps.

Each class is one wrong idea, run after the reference in one module.
"""

import torch


class MeanTakenOff:
    """You seem to take the mean off first, as layer normalisation does; here it stays."""

    caught_by = "test_values"

    def rms_norm(x, weight, eps=1e-6):
        x = x - x.mean(dim=-1, keepdim=True)
        return x / torch.sqrt(x.square().mean(dim=-1, keepdim=True) + eps) * weight


class SumOfSquares:
    """You seem to divide by the root of the sum of squares; it is the root of their mean."""

    caught_by = "test_values"

    def rms_norm(x, weight, eps=1e-6):
        return x / torch.sqrt(x.square().sum(dim=-1, keepdim=True) + eps) * weight


class RootForgotten:
    """You seem to divide by the mean of the squares itself; take its square root."""

    caught_by = "test_values"

    def rms_norm(x, weight, eps=1e-6):
        return x / (x.square().mean(dim=-1, keepdim=True) + eps) * weight


class OverTheBatch:
    """You seem to take the mean over the batch; each sample has a root mean square of its own."""

    caught_by = "test_values"

    def rms_norm(x, weight, eps=1e-6):
        return x / torch.sqrt(x.square().mean(dim=0, keepdim=True) + eps) * weight


class EpsOutside:
    """You seem to add eps to the root; it belongs under it, beside the mean."""

    caught_by = "test_values"

    def rms_norm(x, weight, eps=1e-6):
        return x / (torch.sqrt(x.square().mean(dim=-1, keepdim=True)) + eps) * weight


class WeightForgotten:
    """Your result looks normalised but not scaled: multiply its entries by weight."""

    caught_by = "test_values"

    def rms_norm(x, weight, eps=1e-6):
        return x / torch.sqrt(x.square().mean(dim=-1, keepdim=True) + eps)
