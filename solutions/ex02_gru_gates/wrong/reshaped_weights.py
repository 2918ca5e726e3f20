"""Reshapes the weights where they must be transposed."""

import torch


def gru_gates(x, h, w_ih, w_hh, b_ih, b_hh):
    rows = len(w_ih)
    gates = torch.sigmoid(x @ w_ih.reshape(-1, rows) + b_ih + h @ w_hh.reshape(-1, rows) + b_hh)
    r, z = gates.chunk(2, dim=-1)
    return r, z
