"""Computes without gradients and asks for them afterwards."""

import torch


def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
    with torch.no_grad():
        i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(4, dim=-1)
        i, f = torch.sigmoid(i + p_i * c), torch.sigmoid(f + p_f * c)
        c = f * c + i * torch.tanh(g)
        h = torch.sigmoid(o + p_o * c) * torch.tanh(c)
    return h.requires_grad_(), c.requires_grad_()
