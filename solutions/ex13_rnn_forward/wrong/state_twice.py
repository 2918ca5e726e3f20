"""Adds the state to the sum besides its product, from the second step on."""

import torch


def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    for x_t in x:
        h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh + (h if outputs else 0))
        outputs.append(h)
    return torch.stack(outputs), h
