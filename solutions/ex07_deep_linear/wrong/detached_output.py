"""Returns a detached output."""

import torch


def deep_linear(x, weights):
    norms = []
    for weight in weights:
        x = x @ weight
        norms.append(x.norm())
    return x.detach(), torch.stack(norms)
