"""Repeats one column."""

import torch


def init_linear(in_features, out_features, std, seed):
    generator = torch.Generator().manual_seed(seed)
    weight = std * torch.randn(out_features, 1, generator=generator).repeat(1, in_features)
    return weight, torch.zeros(out_features)


def distinct_units(weight, bias):
    return len(torch.cat((weight, bias[:, None]), dim=1).unique(dim=0))
