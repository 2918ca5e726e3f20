"""Needs the weights to lie in one piece."""

import torch


def deep_linear(x, weights):
    norms = []
    for weight in weights:
        x = x @ weight.view(-1).view(weight.shape)
        norms.append(x.norm())
    return x, torch.stack(norms)
