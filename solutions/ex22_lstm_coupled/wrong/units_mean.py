"""Couples with the mean forget gate of all units."""

import torch


def coupled_lstm_step(x, h, c, w_ih, w_hh, b):
    f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    f = torch.sigmoid(f)
    c = f * c + (1 - f.mean(dim=1, keepdim=True)) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
