"""Takes what has vanished for zero."""

import torch


def deep_linear(x, weights):
    norms = []
    for weight in weights:
        x = x @ weight
        x = torch.where(x.abs() < 1e-9, 0.0, x)
        norms.append(x.norm())
    return x, torch.stack(norms)
