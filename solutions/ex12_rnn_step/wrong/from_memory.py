"""Reads the state as it lies in memory, whatever its strides say."""

import torch


def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
    h = torch.as_strided(h, h.shape, (h.shape[1], 1))
    return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
