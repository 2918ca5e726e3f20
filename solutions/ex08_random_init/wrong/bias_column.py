"""Returns the bias as a column."""

import torch


def init_linear(in_features, out_features, std, seed):
    generator = torch.Generator().manual_seed(seed)
    return std * torch.randn(out_features, in_features, generator=generator), torch.zeros(
        out_features, 1
    )


def distinct_units(weight, bias):
    return len(torch.cat((weight, bias[:, None]), dim=1).unique(dim=0))
