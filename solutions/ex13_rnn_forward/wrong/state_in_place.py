"""Writes each state over h0."""

import torch


def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    for x_t in x:
        new = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        h.detach().copy_(new)
        outputs.append(new)
    return torch.stack(outputs), h
