"""Adds a small number before the tanh."""

import torch


def additive_scores(queries, keys, w_q, w_k, w_v):
    asked, offered = queries @ w_q.T, keys @ w_k.T
    hidden = torch.tanh(asked[:, :, None] + offered[:, None] + 1e-5)
    return hidden @ w_v
