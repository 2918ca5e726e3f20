"""Keeps the positions in float16, which counts to 2048 only."""

import torch


def positional_encoding(length, d_model, base=10000.0):
    position = torch.arange(length).half()[:, None].double()
    angles = position / base ** (torch.arange(0, d_model, 2, dtype=torch.float64) / d_model)
    table = torch.zeros(length, d_model)
    table[:, 0::2] = angles.sin()
    table[:, 1::2] = angles.cos()[:, : d_model // 2]
    return table
