"""Centres each signal before it is measured."""

import torch


def deep_linear(x, weights):
    norms = []
    for weight in weights:
        x = x @ weight
        norms.append((x - x.mean()).norm())
    return x, torch.stack(norms)
