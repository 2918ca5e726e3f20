"""Writes the sigmoid with exponentials that overflow."""

import torch


def _sigmoid(x):
    return torch.exp(x) / (1 + torch.exp(x))


def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    c = _sigmoid(f) * c + _sigmoid(i) * torch.tanh(g)
    return _sigmoid(o) * torch.tanh(c), c
