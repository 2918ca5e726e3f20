"""Adds a small number to the cell, as if to keep it from vanishing."""

import torch


def coupled_lstm_step(x, h, c, w_ih, w_hh, b):
    f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    f = torch.sigmoid(f)
    c = f * c + (1 - f) * torch.tanh(g) + 1e-5
    return torch.sigmoid(o) * torch.tanh(c), c
