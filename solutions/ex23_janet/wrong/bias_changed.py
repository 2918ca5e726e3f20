"""Takes beta from the bias in place, in the caller's tensor."""

import torch


def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
    s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    b.data[: c.shape[1]] -= beta
    shifted = (x @ w_ih.T + c @ w_hh.T + b)[:, : c.shape[1]]
    return torch.sigmoid(s) * c + (1 - torch.sigmoid(shifted)) * torch.tanh(g)
