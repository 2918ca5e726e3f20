"""Multiplies how many rows by how many biases there are."""

import torch


def init_linear(in_features, out_features, std, seed):
    generator = torch.Generator().manual_seed(seed)
    weight = std * torch.randn(out_features, in_features, generator=generator)
    return weight, torch.zeros(out_features)


def distinct_units(weight, bias):
    return min(len(bias), len(weight.unique(dim=0)) * len(bias.unique()))
