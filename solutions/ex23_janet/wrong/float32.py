"""Computes the blocks in float32 and casts back."""

import torch


def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
    s, g = (x @ w_ih.T + c @ w_hh.T + b).float().to(x.dtype).chunk(2, dim=-1)
    return torch.sigmoid(s) * c + (1 - torch.sigmoid(s - beta)) * torch.tanh(g)
