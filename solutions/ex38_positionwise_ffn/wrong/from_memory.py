"""Reads w2 from memory as if it lay row by row."""

import torch


def positionwise_ffn(x, w1, b1, w2, b2):
    hidden = torch.relu(x @ w1.T + b1)
    w2 = torch.as_strided(w2, w2.shape, (w2.shape[1], 1))
    return hidden @ w2.T + b2
