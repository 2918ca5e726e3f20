"""Reads x as it lies in memory, whatever its strides say."""

import torch


def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    x = torch.as_strided(x, x.shape, (x.shape[1] * x.shape[2], x.shape[2], 1))
    for x_t in x:
        h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        outputs.append(h)
    return torch.stack(outputs), h
