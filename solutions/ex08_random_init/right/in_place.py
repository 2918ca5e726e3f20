"""normal_ in place, and a set of tuples."""

import torch


def init_linear(in_features, out_features, std, seed):
    weight = torch.empty(out_features, in_features)
    weight.normal_(0.0, std, generator=torch.Generator().manual_seed(seed))
    return weight, weight.new_zeros(out_features)


def distinct_units(weight, bias):
    return len({(*row, b) for row, b in zip(weight.tolist(), bias.tolist(), strict=True)})
