"""Clips the cell to [-1, 1], since a mean of such numbers lies there."""

import torch


def coupled_lstm_step(x, h, c, w_ih, w_hh, b):
    f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    f = torch.sigmoid(f)
    c = f * c + (1 - f) * torch.tanh(g)
    c = c.clamp(-1, 1)
    return torch.sigmoid(o) * torch.tanh(c), c
