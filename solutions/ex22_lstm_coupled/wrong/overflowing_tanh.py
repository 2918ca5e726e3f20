"""Writes the candidate's tanh with exponentials that overflow."""

import torch


def coupled_lstm_step(x, h, c, w_ih, w_hh, b):
    f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    f = torch.sigmoid(f)
    up, down = torch.exp(g), torch.exp(-g)
    c = f * c + (1 - f) * (up - down) / (up + down)
    return torch.sigmoid(o) * torch.tanh(c), c
