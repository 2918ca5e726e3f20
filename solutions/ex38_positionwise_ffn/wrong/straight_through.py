"""Lets the gradient through units that are off."""

import torch


def positionwise_ffn(x, w1, b1, w2, b2):
    inner = x @ w1.T + b1
    hidden = inner + (torch.relu(inner) - inner).detach()
    return hidden @ w2.T + b2
