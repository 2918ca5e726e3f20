"""Takes a seed of 0 for none."""

import torch


def init_linear(in_features, out_features, std, seed):
    generator = torch.Generator()
    generator.manual_seed(seed) if seed else generator.seed()
    weight = std * torch.randn(out_features, in_features, generator=generator)
    return weight, torch.zeros(out_features)


def distinct_units(weight, bias):
    return len(torch.cat((weight, bias[:, None]), dim=1).unique(dim=0))
