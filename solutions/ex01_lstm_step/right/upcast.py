"""Computes in float64, gate by gate with einsum, and casts back at the end."""

import torch


def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    dtype, size = x.dtype, h.shape[-1]
    x, h, c, w_ih, w_hh, b_ih, b_hh = (t.double() for t in (x, h, c, w_ih, w_hh, b_ih, b_hh))

    def block(start):
        rows = slice(start * size, (start + 1) * size)
        inner = torch.einsum("nd,kd->nk", x, w_ih[rows]) + torch.einsum("nj,kj->nk", h, w_hh[rows])
        return inner + (b_ih[rows] + b_hh[rows])

    kept = torch.sigmoid(block(1)) * c
    added = torch.sigmoid(block(0)) * torch.tanh(block(2))
    cell = kept + added
    return (torch.sigmoid(block(3)) * torch.tanh(cell)).to(dtype), cell.to(dtype)
