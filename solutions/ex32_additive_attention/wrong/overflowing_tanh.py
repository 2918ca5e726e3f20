"""Writes the tanh with exponentials that overflow."""

import torch


def _tanh(x):
    return (torch.exp(x) - torch.exp(-x)) / (torch.exp(x) + torch.exp(-x))


def additive_scores(queries, keys, w_q, w_k, w_v):
    asked, offered = queries @ w_q.T, keys @ w_k.T
    hidden = _tanh(asked[:, :, None] + offered[:, None])
    return hidden @ w_v
