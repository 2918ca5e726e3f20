"""Ends an odd width on a cosine."""

import torch


def positional_encoding(length, d_model, base=10000.0):
    position = torch.arange(length, dtype=torch.float64)[:, None]
    angles = position / base ** (torch.arange(0, d_model, 2, dtype=torch.float64) / d_model)
    table = torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1).float()
    if d_model % 2:
        return torch.cat([table[:, : d_model - 1], table[:, d_model:]], dim=1)
    return table
