"""Compares columns instead of rows."""

import torch


def init_linear(in_features, out_features, std, seed):
    generator = torch.Generator().manual_seed(seed)
    weight = std * torch.randn(out_features, in_features, generator=generator)
    return weight, torch.zeros(out_features)


def distinct_units(weight, bias):
    units = torch.cat((weight, bias[:, None]), dim=1)
    return units.unique(dim=1).shape[1]
