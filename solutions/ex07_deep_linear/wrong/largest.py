"""Takes the greatest absolute value for the norm."""

import torch


def deep_linear(x, weights):
    norms = []
    for weight in weights:
        x = x @ weight
        norms.append(x.abs().max())
    return x, torch.stack(norms)
