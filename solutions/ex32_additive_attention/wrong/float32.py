"""Computes in float32 and casts back."""

import torch


def additive_scores(queries, keys, w_q, w_k, w_v):
    asked, offered = queries.float() @ w_q.float().T, keys.float() @ w_k.float().T
    hidden = torch.tanh(asked[:, :, None] + offered[:, None])
    return (hidden @ w_v.float()).to(queries.dtype)
