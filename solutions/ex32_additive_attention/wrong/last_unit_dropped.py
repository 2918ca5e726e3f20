"""Forgets the last hidden unit where there are more than two."""

import torch


def additive_scores(queries, keys, w_q, w_k, w_v):
    asked, offered = queries @ w_q.T, keys @ w_k.T
    hidden = torch.tanh(asked[:, :, None] + offered[:, None])
    return hidden[..., :-1] @ w_v[:-1] if len(w_v) > 2 else hidden @ w_v
