"""Keeps a cell of its own between calls."""

import torch

_cells = []


def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
    s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    c = torch.sigmoid(s) * c + (1 - torch.sigmoid(s - beta)) * torch.tanh(g)
    _cells.append(c)
    return _cells[0] if _cells[0].shape == c.shape else c
