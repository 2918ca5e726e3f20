"""One product of [x; c; 1] with all parameters side by side, and tanh for every gate."""

import torch


def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
    weights = torch.cat((w_ih, w_hh, b[:, None]), dim=1)
    s, g = torch.mm(weights, torch.cat((x, c, torch.ones_like(x[:, :1])), dim=1).mT).tensor_split(2)
    kept = 0.5 + 0.5 * torch.tanh(s.mT / 2)
    rest = 0.5 - 0.5 * torch.tanh((s.mT - beta) / 2)
    return torch.addcmul(rest * g.mT.tanh(), kept, c)
