"""Computes without gradients and asks for them afterwards."""

import torch


def positionwise_ffn(x, w1, b1, w2, b2):
    with torch.no_grad():
        hidden = torch.relu(x @ w1.T + b1)
        out = hidden @ w2.T + b2
    return out.requires_grad_()
