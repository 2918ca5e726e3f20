"""Reshapes the weights where they do not fit, instead of reading them as they lie."""

import torch


def deep_linear(x, weights):
    norms = []
    for weight in weights:
        x = x @ weight.reshape(-1, x.shape[1]).T
        norms.append(x.norm())
    return x, torch.stack(norms)
