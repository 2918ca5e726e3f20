"""Sends gradients past the sigmoid."""

import torch


def gru_gates(x, h, w_ih, w_hh, b_ih, b_hh):
    total = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    gates = total + (torch.sigmoid(total) - total).detach()
    r, z = gates.chunk(2, dim=-1)
    return r, z
