"""Computes the products in bfloat16 and casts back."""

import torch


def coupled_lstm_step(x, h, c, w_ih, w_hh, b):
    x, h, u, v = (t.bfloat16() for t in (x, h, w_ih, w_hh))
    f, g, o = ((x @ u.T + h @ v.T).to(b.dtype) + b).chunk(3, dim=-1)
    f = torch.sigmoid(f)
    c = f * c + (1 - f) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
