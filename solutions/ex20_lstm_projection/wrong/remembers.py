"""Keeps the cell of the last call with the same shapes."""

import torch

_LAST = {}


def lstm_projection_step(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr):
    c = _LAST.get(c.shape, c)
    i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    _LAST[c.shape] = c.detach()
    return (torch.sigmoid(o) * torch.tanh(c)) @ w_hr.T, c
