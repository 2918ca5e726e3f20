"""Writes each state over the one before, in the caller's tensor too."""

import torch


def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    for x_t in x:
        h.data = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh).data
        outputs.append(h.clone())
    return torch.stack(outputs), h
