"""Computes the products in bfloat16 and casts back."""

import torch


def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
    low = [t.bfloat16() for t in (x, c, w_ih, w_hh, b)]
    x, cell, w_ih, w_hh, b = low
    s, g = (x @ w_ih.T + cell @ w_hh.T + b).to(c.dtype).chunk(2, dim=-1)
    return torch.sigmoid(s) * c + (1 - torch.sigmoid(s - beta)) * torch.tanh(g)
