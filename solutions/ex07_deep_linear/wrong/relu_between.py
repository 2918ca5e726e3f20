"""Puts a ReLU between the layers, not after the last."""

import torch


def deep_linear(x, weights):
    norms = []
    for layer, weight in enumerate(weights):
        x = x @ weight
        if layer < len(weights) - 1:
            x = torch.relu(x)
        norms.append(x.norm())
    return x, torch.stack(norms)
