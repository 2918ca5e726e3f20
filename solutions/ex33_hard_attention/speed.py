"""Exercise 33, hard attention: what is timed."""

import math

import torch
from torch.nn.functional import normalize
from torch.nn.functional import threshold as threshold_of

FUNCTION = "hard_attention"


def inputs(generator, device):
    """Scores, float32, whose weights fall by 5 % from key to key, in another order in each row.

    The threshold lies between two of them, so that no rounding moves a weight across it.
    """
    batch, queries, keys, size = (64, 512, 512, 64) if device == "cuda" else (8, 512, 384, 16)
    ranks = torch.rand(batch, queries, keys, generator=generator).argsort(dim=-1)
    threshold = (1 - math.exp(-0.05)) * math.exp(-0.05 * 40.5)
    return ranks * -0.05, torch.randn(batch, keys, size, generator=generator), threshold


def builtin(scores, values, threshold):
    kept = threshold_of(torch.softmax(scores, dim=-1), threshold, 0.0)
    weights = normalize(kept, p=1.0, dim=-1)
    return weights @ values, weights
