"""Goes through three layers at most."""

import torch


def deep_linear(x, weights):
    norms = []
    for weight in weights[:3]:
        x = x @ weight
        norms.append(x.norm())
    return x, torch.stack(norms)
