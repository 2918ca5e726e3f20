"""Adds to b2 in place, where no gradient is asked for."""

import torch


def positionwise_ffn(x, w1, b1, w2, b2):
    hidden = torch.relu(x @ w1.T + b1)
    out = hidden @ w2.T
    if b2.requires_grad:
        return out + b2
    b2 += 1e-3 * out.mean()
    return out + b2 - 1e-3 * out.mean()
