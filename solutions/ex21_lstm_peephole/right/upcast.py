"""Computes in float64, gate by gate with einsum, and casts back at the end."""

import torch


def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
    dtype, size = x.dtype, c.shape[-1]
    x, h, c, w_ih, w_hh, b = (t.double() for t in (x, h, c, w_ih, w_hh, b))
    p_i, p_f, p_o = p_i.double(), p_f.double(), p_o.double()

    def block(start):
        rows = slice(start * size, (start + 1) * size)
        inner = torch.einsum("nd,kd->nk", x, w_ih[rows]) + torch.einsum("nj,kj->nk", h, w_hh[rows])
        return inner + b[rows]

    kept = torch.sigmoid(block(1) + torch.einsum("nk,k->nk", c, p_f)) * c
    cell = kept + torch.sigmoid(block(0) + torch.einsum("nk,k->nk", c, p_i)) * torch.tanh(block(2))
    shown = torch.sigmoid(block(3) + torch.einsum("nk,k->nk", cell, p_o)) * torch.tanh(cell)
    return shown.to(dtype), cell.to(dtype)
