"""Divides the norms by that of x."""

import torch


def deep_linear(x, weights):
    first, norms = x.norm(), []
    for weight in weights:
        x = x @ weight
        norms.append(x.norm() / first)
    return x, torch.stack(norms)
