"""Sines and cosines stacked in pairs and flattened, then cut to an odd width."""

import torch


def positional_encoding(length, d_model, base=10000.0):
    pairs = (d_model + 1) // 2
    angles = torch.arange(length).double()[:, None] * torch.tensor(
        [base ** (-2.0 * i / d_model) for i in range(pairs)], dtype=torch.float64
    )
    return torch.stack((angles.sin(), angles.cos()), dim=2).flatten(1)[:, :d_model].float()
