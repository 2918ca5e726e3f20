"""Needs x to lie in one piece."""

import torch


def positionwise_ffn(x, w1, b1, w2, b2):
    hidden = torch.relu(x.view(-1, x.shape[2]) @ w1.T + b1)
    return (hidden @ w2.T + b2).view(*x.shape[:2], -1)
