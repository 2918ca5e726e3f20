"""Computes what goes into the gates in float32 and casts back."""

import torch


def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    blocks = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).float().to(x.dtype)
    i, f, g, o = blocks.chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
