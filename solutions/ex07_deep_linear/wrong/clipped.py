"""Clips the signal where it explodes."""

import torch


def deep_linear(x, weights):
    norms = []
    for weight in weights:
        x = (x @ weight).clamp(-1e4, 1e4)
        norms.append(x.norm())
    return x, torch.stack(norms)
