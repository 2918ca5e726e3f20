"""Computes without gradients and asks for them afterwards."""

import torch


def deep_linear(x, weights):
    norms = []
    with torch.no_grad():
        for weight in weights:
            x = x @ weight
            norms.append(x.norm())
    return x.requires_grad_(), torch.stack(norms).requires_grad_()
