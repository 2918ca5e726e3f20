"""Compares with a tolerance."""

import torch


def init_linear(in_features, out_features, std, seed):
    generator = torch.Generator().manual_seed(seed)
    weight = std * torch.randn(out_features, in_features, generator=generator)
    return weight, torch.zeros(out_features)


def distinct_units(weight, bias):
    units = torch.cat((weight, bias[:, None]), dim=1)
    kept = []
    for unit in units:
        if not any(torch.allclose(unit, other) for other in kept):
            kept.append(unit)
    return len(kept)
