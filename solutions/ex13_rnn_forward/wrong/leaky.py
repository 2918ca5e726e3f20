"""Keeps a tenth of the old state from the second step on."""

import torch


def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    for x_t in x:
        new = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        h = 0.9 * new + 0.1 * h if outputs else new
        outputs.append(h)
    return torch.stack(outputs), h
