"""Starts the biases from a small number."""

import torch


def init_linear(in_features, out_features, std, seed):
    generator = torch.Generator().manual_seed(seed)
    weight = std * torch.randn(out_features, in_features, generator=generator)
    return weight, torch.full((out_features,), 1e-5)


def distinct_units(weight, bias):
    return len(torch.cat((weight, bias[:, None]), dim=1).unique(dim=0))
