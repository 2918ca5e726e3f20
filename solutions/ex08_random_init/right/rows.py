"""One row after another, and every unit compared with those before it."""

import torch


def init_linear(in_features, out_features, std, seed):
    generator = torch.Generator()
    generator.manual_seed(seed)
    rows = [
        torch.normal(0.0, std, (in_features,), generator=generator) for _ in range(out_features)
    ]
    return torch.stack(rows), torch.zeros(out_features)


def distinct_units(weight, bias):
    count = 0
    for j in range(len(bias)):
        twins = [k for k in range(j) if bias[k] == bias[j] and torch.equal(weight[k], weight[j])]
        count += not twins
    return count
