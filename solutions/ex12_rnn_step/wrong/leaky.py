"""Keeps a tenth of the old state."""

import torch


def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
    return 0.1 * h + 0.9 * torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
