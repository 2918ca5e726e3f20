"""Repeats the last norm for every layer."""

import torch


def deep_linear(x, weights):
    for weight in weights:
        x = x @ weight
    return x, torch.stack([x.norm()] * len(weights))
