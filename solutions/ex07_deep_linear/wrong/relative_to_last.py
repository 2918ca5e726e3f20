"""Divides each norm by the one before."""

import torch


def deep_linear(x, weights):
    norms = []
    for weight in weights:
        before, x = x.norm(), x @ weight
        norms.append(x.norm() / before)
    return x, torch.stack(norms)
