"""Divides what overflows."""

import torch


def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    for x_t in x:
        up = torch.exp(2 * (x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh))
        h = (up - 1) / (up + 1)
        outputs.append(h)
    return torch.stack(outputs), h
