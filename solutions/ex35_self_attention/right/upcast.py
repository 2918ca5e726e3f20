"""Works in float64 throughout, values averaged before their projection, and rounds at the end."""

import torch


def self_attention(x, w_q, w_k, w_v, causal=False):
    exact = x.double()
    bilinear = w_q.double().T @ w_k.double()
    scores = exact @ bilinear @ exact.transpose(1, 2) / w_q.shape[0] ** 0.5
    if causal:
        scores = scores.masked_fill(torch.ones_like(scores).tril() == 0, float("-inf"))
    mixed = torch.softmax(scores, dim=-1) @ exact
    return (mixed @ w_v.double().T).to(x.dtype)
