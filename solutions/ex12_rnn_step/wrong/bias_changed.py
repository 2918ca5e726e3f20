"""Sums the biases in place, in the caller's tensor."""

import torch


def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
    b_ih.data += b_hh
    return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T)
