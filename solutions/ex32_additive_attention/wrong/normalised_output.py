"""Normalises w_v to length 1."""

import torch


def additive_scores(queries, keys, w_q, w_k, w_v):
    asked, offered = queries @ w_q.T, keys @ w_k.T
    hidden = torch.tanh(asked[:, :, None] + offered[:, None])
    return hidden @ (w_v / w_v.norm().clamp(min=1e-12))
