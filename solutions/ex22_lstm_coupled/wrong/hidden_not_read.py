"""Leaves the hidden state out of the gates."""

import torch


def coupled_lstm_step(x, h, c, w_ih, w_hh, b):
    f, g, o = (x @ w_ih.T + b).chunk(3, dim=-1)
    f = torch.sigmoid(f)
    c = f * c + (1 - f) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
