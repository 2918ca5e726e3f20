"""Adds the peepholes of the forget gate into the caller's bias, and takes them off again."""

import torch


def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
    hidden = c.shape[1]
    b.data[hidden : 2 * hidden] += p_f
    i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(4, dim=-1)
    f = f - p_f
    i, f = torch.sigmoid(i + p_i * c), torch.sigmoid(f + p_f * c)
    c = f * c + i * torch.tanh(g)
    b.data[hidden : 2 * hidden] -= p_f
    return torch.sigmoid(o + p_o * c) * torch.tanh(c), c
