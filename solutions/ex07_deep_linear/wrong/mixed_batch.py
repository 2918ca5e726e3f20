"""Measures the first sample only."""

import torch


def deep_linear(x, weights):
    norms = []
    for weight in weights:
        x = x @ weight
        norms.append(x[0].norm())
    return x, torch.stack(norms)
