"""Mixes the candidate into the caller's cell where no gradient is asked for."""

import torch


def coupled_lstm_step(x, h, c, w_ih, w_hh, b):
    f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    f = torch.sigmoid(f)
    if c.requires_grad:
        c = torch.lerp(torch.tanh(g), c, f)
    else:
        c.lerp_(torch.tanh(g), 1 - f)
    return torch.sigmoid(o) * torch.tanh(c), c
