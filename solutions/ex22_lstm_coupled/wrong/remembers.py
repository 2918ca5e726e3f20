"""Keeps the cell of the last call with the same shapes."""

import torch

_LAST = {}


def coupled_lstm_step(x, h, c, w_ih, w_hh, b):
    c = _LAST.get(c.shape, c)
    f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    f = torch.sigmoid(f)
    c = f * c + (1 - f) * torch.tanh(g)
    _LAST[c.shape] = c.detach()
    return torch.sigmoid(o) * torch.tanh(c), c
