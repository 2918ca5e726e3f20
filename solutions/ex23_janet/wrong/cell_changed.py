"""Updates the cell in place where no gradient is asked for."""

import torch


def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
    s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    added = (1 - torch.sigmoid(s - beta)) * torch.tanh(g)
    if c.requires_grad:
        return torch.sigmoid(s) * c + added
    return c.mul_(torch.sigmoid(s)).add_(added)
