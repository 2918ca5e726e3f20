"""Seeds its generator once, and draws on from there."""

import torch

_GENERATORS = {}


def init_linear(in_features, out_features, std, seed):
    if seed not in _GENERATORS:
        _GENERATORS[seed] = torch.Generator().manual_seed(seed)
    weight = std * torch.randn(out_features, in_features, generator=_GENERATORS[seed])
    return weight, torch.zeros(out_features)


def distinct_units(weight, bias):
    return len(torch.cat((weight, bias[:, None]), dim=1).unique(dim=0))
