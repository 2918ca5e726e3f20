"""Needs x to lie in one piece."""

import torch


def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    inputs = x.view(-1, x.shape[-1]) @ w_ih.T + b_ih
    for from_x in inputs.unflatten(0, x.shape[:2]):
        h = torch.tanh(from_x + h @ w_hh.T + b_hh)
        outputs.append(h)
    return torch.stack(outputs), h
