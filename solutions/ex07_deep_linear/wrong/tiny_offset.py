"""Adds 1e-12 under the root."""

import torch


def deep_linear(x, weights):
    norms = []
    for weight in weights:
        x = x @ weight
        norms.append((x.square().sum() + 1e-12).sqrt())
    return x, torch.stack(norms)
