"""Exercise 33, hard attention: the reference."""

import torch
from torch import Tensor


def hard_attention(scores: Tensor, values: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    """The values averaged by the weights that are not under the threshold, and these weights."""
    soft = torch.softmax(scores, dim=-1)
    # argmax gives the first of equals. With it in the mask, no sum below is 0.
    largest = soft.argmax(dim=-1, keepdim=True)
    stays = (soft >= threshold).scatter(-1, largest, True)
    kept = soft.masked_fill(~stays, 0.0)
    weights = kept / kept.sum(dim=-1, keepdim=True)
    return weights @ values, weights
