"""Divides by one pair too few, so that the last angle is pos / base."""

import torch


def positional_encoding(length, d_model, base=10000.0):
    pairs = (d_model + 1) // 2
    position = torch.arange(length, dtype=torch.float64)[:, None]
    angles = position / base ** torch.linspace(0, 1, pairs, dtype=torch.float64)
    table = torch.zeros(length, d_model)
    table[:, 0::2] = angles.sin()
    table[:, 1::2] = angles.cos()[:, : d_model // 2]
    return table
