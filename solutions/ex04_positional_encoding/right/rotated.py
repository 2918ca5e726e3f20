"""Each row is the one before, turned: powers of a complex number."""

import torch


def positional_encoding(length, d_model, base=10000.0):
    exponents = torch.arange(0, d_model, 2, dtype=torch.float64) / d_model
    frequencies = torch.pow(torch.tensor(base, dtype=torch.float64), -exponents)
    turn = torch.polar(torch.ones_like(frequencies), frequencies)
    rows = torch.cat([torch.ones_like(turn)[None], turn.expand(length - 1, -1)]).cumprod(dim=0)
    pairs = torch.view_as_real(rows).flip(-1)
    return pairs.reshape(length, -1)[:, :d_model].to(torch.float32)
