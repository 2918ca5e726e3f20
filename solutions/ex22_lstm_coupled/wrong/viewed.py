"""Needs the weights to lie in one piece."""

import torch


def coupled_lstm_step(x, h, c, w_ih, w_hh, b):
    w_ih, w_hh = w_ih.view(-1).view(w_ih.shape), w_hh.view(-1).view(w_hh.shape)
    f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    f = torch.sigmoid(f)
    c = f * c + (1 - f) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
