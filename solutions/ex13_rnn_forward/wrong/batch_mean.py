"""Centres the sums over the batch."""

import torch


def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    for x_t in x:
        sums = x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh
        h = torch.tanh(sums - sums.mean(dim=0))
        outputs.append(h)
    return torch.stack(outputs), h
