"""Divides what overflows, in the other way to write a tanh."""

import torch


def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
    up = torch.exp(2 * (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh))
    return (up - 1) / (up + 1)
