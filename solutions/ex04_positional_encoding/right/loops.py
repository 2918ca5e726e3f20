"""Two loops and Python's own sine, entry by entry."""

import math

import torch


def positional_encoding(length, d_model, base=10000.0):
    table = torch.zeros(length, d_model)
    for pos in range(length):
        for i in range(0, d_model, 2):
            angle = pos / base ** (i / d_model)
            table[pos, i] = math.sin(angle)
            if i + 1 < d_model:
                table[pos, i + 1] = math.cos(angle)
    return table
