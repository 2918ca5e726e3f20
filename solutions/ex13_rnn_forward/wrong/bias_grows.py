"""Adds the bias to itself at every step, in a tensor of its own."""

import torch


def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    b_hh = b_hh.clone()
    for x_t in x:
        h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        b_hh += b_ih
        outputs.append(h)
    return torch.stack(outputs), h
