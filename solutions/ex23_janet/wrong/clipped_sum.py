"""Clips s at 10, as if a sigmoid could overflow."""

import torch


def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
    s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    s = s.clamp(-10, 10)
    return torch.sigmoid(s) * c + (1 - torch.sigmoid(s - beta)) * torch.tanh(g)
