"""Reshapes w_q to (Dq, H) where it should be transposed."""

import torch


def additive_scores(queries, keys, w_q, w_k, w_v):
    asked, offered = queries @ w_q.reshape(queries.shape[-1], -1), keys @ w_k.T
    hidden = torch.tanh(asked[:, :, None] + offered[:, None])
    return hidden @ w_v
