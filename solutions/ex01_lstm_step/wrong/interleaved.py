"""Takes a unit's four blocks from neighbouring rows."""

import torch


def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    rows = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    i, f, g, o = rows.unflatten(-1, (-1, 4)).unbind(-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
