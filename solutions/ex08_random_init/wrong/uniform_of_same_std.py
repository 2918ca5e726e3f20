"""Draws from a uniform distribution with the right standard deviation."""

import torch


def init_linear(in_features, out_features, std, seed):
    generator = torch.Generator().manual_seed(seed)
    weight = std * 12**0.5 * (torch.rand(out_features, in_features, generator=generator) - 0.5)
    return weight, torch.zeros(out_features)


def distinct_units(weight, bias):
    return len(torch.cat((weight, bias[:, None]), dim=1).unique(dim=0))
