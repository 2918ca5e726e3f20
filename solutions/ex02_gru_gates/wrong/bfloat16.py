"""Computes in bfloat16 and casts back."""

import torch


def gru_gates(x, h, w_ih, w_hh, b_ih, b_hh):
    dtype = x.dtype
    low = (tensor.bfloat16() for tensor in (x, h, w_ih, w_hh, b_ih, b_hh))
    x, h, w_ih, w_hh, b_ih, b_hh = low
    gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    gates = gates.to(dtype)
    r, z = gates.chunk(2, dim=-1)
    return r, z
