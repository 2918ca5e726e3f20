"""Compares the lengths of the rows."""

import torch


def init_linear(in_features, out_features, std, seed):
    generator = torch.Generator().manual_seed(seed)
    weight = std * torch.randn(out_features, in_features, generator=generator)
    return weight, torch.zeros(out_features)


def distinct_units(weight, bias):
    return len({(row.norm().item(), b.item()) for row, b in zip(weight, bias, strict=True)})
