"""Takes the power before the root, so that wide tables overflow."""

import torch


def positional_encoding(length, d_model, base=10000.0):
    position = torch.arange(length, dtype=torch.float64)[:, None]
    column = torch.arange(0, d_model, 2, dtype=torch.float64)
    angles = position / (torch.tensor(base).double() ** column) ** (1 / d_model)
    table = torch.zeros(length, d_model)
    table[:, 0::2] = angles.sin()
    table[:, 1::2] = angles.cos()[:, : d_model // 2]
    return table
