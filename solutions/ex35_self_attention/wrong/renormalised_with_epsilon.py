"""Masks after the softmax and guards the division with an epsilon."""

import torch


def self_attention(x, w_q, w_k, w_v, causal=False):
    q, k, v = x @ w_q.T, x @ w_k.T, x @ w_v.T
    scores = q @ k.transpose(-2, -1) / k.shape[-1] ** 0.5
    weights = torch.softmax(scores, dim=-1)
    if causal:
        weights = weights.tril()
        weights = weights / (weights.sum(dim=-1, keepdim=True) + 1e-12)
    return weights @ v
