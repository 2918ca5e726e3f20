"""Computes the products in bfloat16 and casts back."""

import torch


def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
    low = (x.bfloat16() @ w_ih.bfloat16().T + h.bfloat16() @ w_hh.bfloat16().T).to(c.dtype)
    i, f, g, o = (low + b).chunk(4, dim=-1)
    i, f = torch.sigmoid(i + p_i * c), torch.sigmoid(f + p_f * c)
    c = f * c + i * torch.tanh(g)
    return torch.sigmoid(o + p_o * c) * torch.tanh(c), c
