"""A where over all columns, each with the angle of its pair."""

import torch


def positional_encoding(length, d_model, base=10000.0):
    columns = torch.arange(d_model, dtype=torch.float64)
    position = torch.arange(length, dtype=torch.float64).view(-1, 1)
    angle = position / base ** (2 * (columns // 2) / d_model)
    return torch.where(columns % 2 == 0, torch.sin(angle), torch.cos(angle)).float()
