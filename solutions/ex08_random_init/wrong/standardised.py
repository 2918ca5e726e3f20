"""Makes mean and standard deviation of each row exact."""

import torch


def init_linear(in_features, out_features, std, seed):
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(out_features, in_features, generator=generator)
    weight = std * (weight - weight.mean(dim=1, keepdim=True)) / weight.std(dim=1, keepdim=True)
    return weight, torch.zeros(out_features)


def distinct_units(weight, bias):
    return len(torch.cat((weight, bias[:, None]), dim=1).unique(dim=0))
