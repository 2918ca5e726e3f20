"""Drops an axis of size one."""

import torch


def deep_linear(x, weights):
    norms = []
    for weight in weights:
        x = x @ weight
        norms.append(x.norm())
    return x.squeeze(0), torch.stack(norms)
