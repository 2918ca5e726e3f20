"""Draws from a Laplace distribution with the right standard deviation."""

import torch


def init_linear(in_features, out_features, std, seed):
    generator = torch.Generator().manual_seed(seed)
    weight = (
        std
        * 0.5**0.5
        * torch.empty(2, out_features, in_features).exponential_(generator=generator).diff(dim=0)[0]
    )
    return weight, torch.zeros(out_features)


def distinct_units(weight, bias):
    return len(torch.cat((weight, bias[:, None]), dim=1).unique(dim=0))
