"""Computes in float32 and casts back."""

import torch


def positionwise_ffn(x, w1, b1, w2, b2):
    hidden = torch.relu(x.float() @ w1.float().T + b1)
    return hidden.to(x.dtype) @ w2.T + b2
