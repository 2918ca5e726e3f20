"""Computes the scores in bfloat16 and casts back."""

import torch


def multi_head_attention(queries, keys, values, w_q, w_k, w_v, w_o, num_heads, valid_lens=None):
    n, size = len(queries), queries.shape[-1]
    if size % num_heads:
        raise ValueError("num_heads must divide E")
    q, k, v = queries @ w_q.T, keys @ w_k.T, values @ w_v.T
    q, k, v = (x.reshape(n, -1, num_heads, size // num_heads).transpose(1, 2) for x in (q, k, v))
    scores = (q.bfloat16() @ k.bfloat16().mT).to(q.dtype) / q.shape[-1] ** 0.5
    hidden = torch.zeros(1, dtype=torch.bool)
    if valid_lens is not None:
        hidden = torch.arange(k.shape[2]) >= valid_lens.reshape(n, 1, -1, 1)
        scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
    weights = torch.softmax(scores, dim=-1).masked_fill(hidden, 0)
    return (weights @ v).transpose(1, 2).reshape(n, -1, size) @ w_o.T
