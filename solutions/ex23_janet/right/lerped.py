"""A coupled step, by lerp, and then what beta adds to it."""

import torch


def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
    s, g = torch.split(torch.addmm(b, x, w_ih.t()) + c.matmul(w_hh.t()), c.shape[1], dim=1)
    gate, candidate = torch.sigmoid(s), torch.tanh(g)
    return torch.lerp(candidate, c, gate) + (gate - torch.sigmoid(s - beta)) * candidate
