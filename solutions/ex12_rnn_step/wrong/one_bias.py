"""Adds the input's bias alone where it is not zero."""

import torch


def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
    bias = torch.where(b_ih != 0, b_ih, b_hh)
    return torch.tanh(x @ w_ih.T + h @ w_hh.T + bias)
