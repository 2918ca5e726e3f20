"""Reshapes the weights where they must be transposed."""

import torch


def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
    s, g = (x @ w_ih.reshape(-1, w_ih.shape[0]) + c @ w_hh.reshape(-1, w_hh.shape[0]) + b).chunk(
        2, dim=-1
    )
    return torch.sigmoid(s) * c + (1 - torch.sigmoid(s - beta)) * torch.tanh(g)
