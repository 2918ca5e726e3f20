"""A copy of the model is judged, and the model itself is left alone."""

import copy

import torch


def perplexity(model, batches):
    judged = copy.deepcopy(model).eval().requires_grad_(False)
    costs = [
        -torch.log_softmax(judged(X), 2)[i, j, Y[i, j]]
        for X, Y in batches
        for i, j in [torch.meshgrid(*map(torch.arange, Y.shape), indexing="ij")]
    ]
    return torch.cat([cost.flatten() for cost in costs]).mean().exp().item()
