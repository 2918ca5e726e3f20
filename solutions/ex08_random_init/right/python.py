"""Numbers from Python's own generator, and a matrix of comparisons."""

import random

import torch


def init_linear(in_features, out_features, std, seed):
    source = random.Random(seed)
    rows = [[source.gauss(0, std) for _ in range(in_features)] for _ in range(out_features)]
    return torch.tensor(rows), torch.tensor([0.0] * out_features)


def distinct_units(weight, bias):
    same = (weight[:, None] == weight).all(dim=-1) & (bias[:, None] == bias)
    return int((~same.tril(diagonal=-1).any(dim=1)).sum())
