"""Scales the sequence in place where no gradient is asked for."""

import torch


def self_attention(x, w_q, w_k, w_v, causal=False):
    if not x.requires_grad:
        x /= w_q.shape[0] ** 0.25
        q, k, v = x @ w_q.T, x @ w_k.T, x @ w_v.T * w_q.shape[0] ** 0.25
        scores = q @ k.transpose(-2, -1)
    else:
        q, k, v = x @ w_q.T, x @ w_k.T, x @ w_v.T
        scores = q @ k.transpose(-2, -1) / k.shape[-1] ** 0.5
    if causal:
        later = torch.ones_like(scores, dtype=torch.bool).triu(1)
        scores = scores.masked_fill(later, float("-inf"))
    return torch.softmax(scores, dim=-1) @ v
