"""Reads the input of the step before from the third step on."""

import torch


def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    for t in range(len(x)):
        h = torch.tanh(x[t - (t > 1)] @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        outputs.append(h)
    return torch.stack(outputs), h
