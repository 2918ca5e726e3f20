"""Answers in float64."""

import torch


def positional_encoding(length, d_model, base=10000.0):
    position = torch.arange(length, dtype=torch.float64)[:, None]
    angles = position / base ** (torch.arange(0, d_model, 2, dtype=torch.float64) / d_model)
    table = torch.zeros(length, d_model, dtype=torch.float64)
    table[:, 0::2] = angles.sin()
    table[:, 1::2] = angles.cos()[:, : d_model // 2]
    return table
