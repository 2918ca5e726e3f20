"""Detaches the signal between the layers."""

import torch


def deep_linear(x, weights):
    norms = []
    for weight in weights:
        x = x.detach() @ weight
        norms.append(x.norm())
    return x, torch.stack(norms)
