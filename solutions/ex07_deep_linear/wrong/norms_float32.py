"""Fills a float32 tensor with the norms."""

import torch


def deep_linear(x, weights):
    norms = torch.zeros(len(weights))
    for layer, weight in enumerate(weights):
        x = x @ weight
        norms[layer] = x.norm()
    return x, norms
