"""Reads the input of the first sequence for all of them."""

import torch


def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    for x_t in x:
        h = torch.tanh(x_t[:1] @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        outputs.append(h)
    return torch.stack(outputs), h
