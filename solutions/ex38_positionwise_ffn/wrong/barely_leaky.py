"""Lets a millionth of a negative sum through."""

import torch


def positionwise_ffn(x, w1, b1, w2, b2):
    hidden = torch.nn.functional.leaky_relu(x @ w1.T + b1, 1e-6)
    return hidden @ w2.T + b2
