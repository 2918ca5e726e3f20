"""Gives every row the length that it has on average."""

import torch


def init_linear(in_features, out_features, std, seed):
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(out_features, in_features, generator=generator)
    weight = std * in_features**0.5 * weight / weight.norm(dim=1, keepdim=True)
    return weight, torch.zeros(out_features)


def distinct_units(weight, bias):
    return len(torch.cat((weight, bias[:, None]), dim=1).unique(dim=0))
