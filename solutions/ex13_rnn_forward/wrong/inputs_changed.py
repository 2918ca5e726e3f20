"""Writes what comes from the input into x."""

import torch


def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    for x_t in x:
        if x_t.shape == h.shape:
            x_t.data.copy_(x_t @ w_ih.T)
            h = torch.tanh(x_t + b_ih + h @ w_hh.T + b_hh)
        else:
            h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        outputs.append(h)
    return torch.stack(outputs), h
