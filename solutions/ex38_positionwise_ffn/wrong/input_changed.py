"""Cuts x off at 0 in place, after its use."""

import torch


def positionwise_ffn(x, w1, b1, w2, b2):
    hidden = torch.relu(x @ w1.T + b1)
    if not x.requires_grad:
        x.clamp_(min=0)
    return hidden @ w2.T + b2
