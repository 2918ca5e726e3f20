"""Reshapes the weights where they must be transposed."""

import torch


def coupled_lstm_step(x, h, c, w_ih, w_hh, b):
    rows = len(b)
    blocks = x @ w_ih.reshape(-1, rows) + h @ w_hh.reshape(-1, rows) + b
    f, g, o = blocks.chunk(3, dim=-1)
    f = torch.sigmoid(f)
    c = f * c + (1 - f) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
