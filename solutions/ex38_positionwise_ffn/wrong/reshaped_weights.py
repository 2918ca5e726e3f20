"""Reshapes the weights where they should be transposed."""

import torch


def positionwise_ffn(x, w1, b1, w2, b2):
    hidden = torch.relu(x @ w1.reshape(x.shape[-1], -1) + b1)
    return hidden @ w2.reshape(w1.shape[0], -1) + b2
