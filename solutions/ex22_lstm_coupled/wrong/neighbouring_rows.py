"""Takes a unit's three blocks from neighbouring rows."""

import torch


def coupled_lstm_step(x, h, c, w_ih, w_hh, b):
    rows = x @ w_ih.T + h @ w_hh.T + b
    f, g, o = rows.unflatten(-1, (-1, 3)).unbind(-1)
    f = torch.sigmoid(f)
    c = f * c + (1 - f) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
