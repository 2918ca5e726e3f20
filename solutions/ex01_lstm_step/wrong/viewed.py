"""Needs the weights to lie in one piece."""

import torch


def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    hidden = h.shape[1]
    i, f, g, o = (
        x @ w_ih.view(4, hidden, -1)[block].T
        + h @ w_hh.view(4, hidden, -1)[block].T
        + (b_ih + b_hh)[block * hidden : (block + 1) * hidden]
        for block in range(4)
    )
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
