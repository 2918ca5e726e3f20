"""Normalises the blocks over the batch."""

import torch


def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    blocks = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    i, f, g, o = (blocks - blocks.mean(dim=0)).chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
