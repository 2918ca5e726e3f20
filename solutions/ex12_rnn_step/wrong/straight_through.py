"""Lets the gradient pass the tanh as if it were not there."""

import torch


def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
    total = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    return total + (torch.tanh(total) - total).detach()
