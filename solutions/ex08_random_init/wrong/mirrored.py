"""Mirrors the first half of the rows in the others, with the sign turned."""

import torch


def init_linear(in_features, out_features, std, seed):
    generator = torch.Generator().manual_seed(seed)
    weight = std * torch.randn(out_features, in_features, generator=generator)
    half = out_features // 2
    if half:
        weight[-half:] = -weight[:half].flip(0)
    return weight, torch.zeros(out_features)


def distinct_units(weight, bias):
    return len(torch.cat((weight, bias[:, None]), dim=1).unique(dim=0))
