"""Counts units otherwise: numbers."""

import torch
from torch import Tensor


def init_linear(
    in_features: int, out_features: int, std: float, seed: int
) -> tuple[Tensor, Tensor]:
    """Weights from N(0, std^2), biases zero, from a generator of its own."""
    # torch.manual_seed would seed the generator that dropout, shuffling and all the others draw
    # from, and make their numbers depend on how often layers are initialised.
    generator = torch.Generator().manual_seed(seed)
    weight = std * torch.randn(out_features, in_features, generator=generator)
    # Random weights are enough to tell the units apart; the biases may all start from zero.
    return weight, torch.zeros(out_features)


def distinct_units(weight, bias):
    return len(torch.unique(torch.cat((weight, bias[:, None]), dim=1)))
