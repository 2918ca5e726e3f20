"""Writes the second gate with an exp(beta) of its own, which overflows."""

import torch


def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
    s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    odds = torch.exp(torch.as_tensor(beta, dtype=s.dtype, device=s.device))
    rest = odds / (odds + torch.exp(s))
    return torch.sigmoid(s) * c + rest * torch.tanh(g)
