"""Uniform numbers made normal, in float64, as parameters; the global generator is put back."""

import torch


def init_linear(in_features, out_features, std, seed):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        radius, angle = torch.rand(2, out_features, in_features, dtype=torch.float64)
    normal = (-2 * torch.log1p(-radius)).sqrt() * torch.cos(2 * torch.pi * angle)
    weight = torch.nn.Parameter((std * normal).float())
    return weight, torch.nn.Parameter(torch.zeros(out_features))


def distinct_units(weight, bias):
    return torch.hstack((bias.unsqueeze(1), weight)).unique(dim=0).shape[0]
