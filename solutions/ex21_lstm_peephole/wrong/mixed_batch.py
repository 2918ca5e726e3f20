"""Lets the gates of all samples see the cell of the first."""

import torch


def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
    i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(4, dim=-1)
    i, f = torch.sigmoid(i + p_i * c[:1]), torch.sigmoid(f + p_f * c[:1])
    c = f * c + i * torch.tanh(g)
    return torch.sigmoid(o + p_o * c) * torch.tanh(c), c
