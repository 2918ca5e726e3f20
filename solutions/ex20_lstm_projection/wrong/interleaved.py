"""Takes a unit's four blocks from neighbouring rows."""

import torch


def lstm_projection_step(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr):
    rows = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    i, f, g, o = rows.unflatten(-1, (-1, 4)).unbind(-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return (torch.sigmoid(o) * torch.tanh(c)) @ w_hr.T, c
