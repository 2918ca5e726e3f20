"""Reshapes the weights where they must be transposed."""

import torch


def self_attention(x, w_q, w_k, w_v, causal=False):
    q, k, v = (x @ w.reshape(x.shape[-1], -1) for w in (w_q, w_k, w_v))
    scores = q @ k.transpose(-2, -1) / k.shape[-1] ** 0.5
    if causal:
        later = torch.ones_like(scores, dtype=torch.bool).triu(1)
        scores = scores.masked_fill(later, float("-inf"))
    return torch.softmax(scores, dim=-1) @ v
