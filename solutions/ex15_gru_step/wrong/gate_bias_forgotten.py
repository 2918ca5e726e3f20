"""Forgets the hidden bias of the gates."""

import torch


def gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
    r_x, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    bias = b_hh.chunk(3)
    r, z = torch.sigmoid(r_x + r_h - bias[0]), torch.sigmoid(z_x + z_h - bias[1])
    n = torch.tanh(n_x + r * n_h)
    return (1 - z) * n + z * h
