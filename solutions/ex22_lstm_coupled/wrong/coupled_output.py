"""Couples the output gate too: it shows what was not kept."""

import torch


def coupled_lstm_step(x, h, c, w_ih, w_hh, b):
    f, g, _ = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    f = torch.sigmoid(f)
    c = f * c + (1 - f) * torch.tanh(g)
    return (1 - f) * torch.tanh(c), c
