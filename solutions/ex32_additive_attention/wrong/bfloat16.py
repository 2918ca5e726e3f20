"""Computes in bfloat16 and casts back."""

import torch


def additive_scores(queries, keys, w_q, w_k, w_v):
    asked, offered = queries.bfloat16() @ w_q.bfloat16().T, keys.bfloat16() @ w_k.bfloat16().T
    hidden = torch.tanh(asked[:, :, None] + offered[:, None])
    return (hidden @ w_v.bfloat16()).to(queries.dtype)
