"""Takes the weights out of the list that it was given."""

import torch


def deep_linear(x, weights):
    norms = []
    while weights:
        x = x @ weights.pop(0)
        norms.append(x.square().sum().sqrt())
    return x, torch.stack(norms)
