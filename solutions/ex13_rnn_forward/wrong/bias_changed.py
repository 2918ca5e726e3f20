"""Sums the biases in place, in the caller's tensor."""

import torch


def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    b_ih.data += b_hh
    for x_t in x:
        h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T)
        outputs.append(h)
    return torch.stack(outputs), h
