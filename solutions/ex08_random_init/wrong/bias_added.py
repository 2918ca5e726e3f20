"""Adds the bias to every weight of its row."""

import torch


def init_linear(in_features, out_features, std, seed):
    generator = torch.Generator().manual_seed(seed)
    weight = std * torch.randn(out_features, in_features, generator=generator)
    return weight, torch.zeros(out_features)


def distinct_units(weight, bias):
    return len((weight + bias[:, None]).unique(dim=0))
