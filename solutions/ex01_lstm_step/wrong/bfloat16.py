"""Computes the products in bfloat16 and casts back."""

import torch


def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    low = [t.bfloat16() for t in (x, w_ih, b_ih, h, w_hh, b_hh)]
    x, w_ih, b_ih, h, w_hh, b_hh = low
    blocks = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    i, f, g, o = blocks.to(c.dtype).chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
