"""Multiplies x in place where the widths allow it."""

import torch


def deep_linear(x, weights):
    norms = []
    for weight in weights:
        if weight.shape[0] == weight.shape[1] and not x.requires_grad:
            x[:] = x @ weight
        else:
            x = x @ weight
        norms.append(x.norm())
    return x, torch.stack(norms)
