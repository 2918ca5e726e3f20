"""Reads the state of the first sample for all of them."""

import torch


def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.tanh(x @ w_ih.T + b_ih + h[:1] @ w_hh.T + b_hh)
