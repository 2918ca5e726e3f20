"""Takes a unit's four blocks from neighbouring rows."""

import torch


def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
    rows = x @ w_ih.T + h @ w_hh.T + b
    i, f, g, o = rows.unflatten(-1, (-1, 4)).unbind(-1)
    i, f = torch.sigmoid(i + p_i * c), torch.sigmoid(f + p_f * c)
    c = f * c + i * torch.tanh(g)
    return torch.sigmoid(o + p_o * c) * torch.tanh(c), c
