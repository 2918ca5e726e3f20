"""Computes in float64, gate by gate with einsum, and casts back at the end."""

import torch


def lstm_projection_step(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr):
    dtype, size = x.dtype, c.shape[-1]
    x, h, c, w_ih, w_hh, w_hr = (t.double() for t in (x, h, c, w_ih, w_hh, w_hr))
    bias = b_ih.double() + b_hh.double()

    def block(start):
        rows = slice(start * size, (start + 1) * size)
        inner = torch.einsum("nd,kd->nk", x, w_ih[rows]) + torch.einsum("np,kp->nk", h, w_hh[rows])
        return inner + bias[rows]

    cell = torch.sigmoid(block(1)) * c + torch.sigmoid(block(0)) * torch.tanh(block(2))
    shown = torch.sigmoid(block(3)) * torch.tanh(cell)
    return torch.einsum("nh,ph->np", shown, w_hr).to(dtype), cell.to(dtype)
