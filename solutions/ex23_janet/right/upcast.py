"""Computes in float64, block by block with einsum, and casts back at the end."""

import torch


def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
    dtype, size = x.dtype, c.shape[-1]
    x, c, w_ih, w_hh, b = (t.double() for t in (x, c, w_ih, w_hh, b))

    def block(rows):
        inner = torch.einsum("nd,kd->nk", x, w_ih[rows]) + torch.einsum("nj,kj->nk", c, w_hh[rows])
        return inner + b[rows]

    gate, candidate = block(slice(0, size)), torch.tanh(block(slice(size, None)))
    return (torch.sigmoid(gate) * c + torch.sigmoid(-(gate - beta)) * candidate).to(dtype)
