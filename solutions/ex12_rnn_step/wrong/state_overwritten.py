"""Writes the next state over the last one, and gives it back."""

import torch


def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
    with torch.no_grad():
        new = torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    if h.requires_grad:
        return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    return h.copy_(new)
