"""Computes in float64, gate by gate with einsum, and casts back at the end."""

import torch


def coupled_lstm_step(x, h, c, w_ih, w_hh, b):
    dtype, size = x.dtype, h.shape[-1]
    x, h, c, w_ih, w_hh, b = (t.double() for t in (x, h, c, w_ih, w_hh, b))

    def block(start):
        rows = slice(start * size, (start + 1) * size)
        inner = torch.einsum("nd,kd->nk", x, w_ih[rows]) + torch.einsum("nj,kj->nk", h, w_hh[rows])
        return inner + b[rows]

    cell = torch.sigmoid(block(0)) * c + torch.sigmoid(-block(0)) * torch.tanh(block(1))
    return (torch.sigmoid(block(2)) * torch.tanh(cell)).to(dtype), cell.to(dtype)
