"""Reshapes the weights where they must be transposed."""

import torch


def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    rows = w_ih.shape[0]
    blocks = x @ w_ih.reshape(-1, rows) + b_ih + h @ w_hh.reshape(-1, rows) + b_hh
    i, f, g, o = blocks.chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
