"""Clips the sums to [-10, 10], where the tanh is not quite 1 yet."""

import torch


def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    for x_t in x:
        h = torch.tanh((x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh).clamp(-10, 10))
        outputs.append(h)
    return torch.stack(outputs), h
