"""Adds a small number under the root, against a gradient of nan."""

import torch


def deep_linear(x, weights):
    norms = []
    for weight in weights:
        x = x @ weight
        norms.append((x.square().sum() + 1e-5).sqrt())
    return x, torch.stack(norms)
