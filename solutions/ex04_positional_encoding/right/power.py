"""In float32, dividing by powers, as in d2l."""

import torch


def positional_encoding(length, d_model, base=10000.0):
    x = torch.arange(length, dtype=torch.float32).reshape(-1, 1) / torch.pow(
        base, torch.arange(0, d_model, 2, dtype=torch.float32) / d_model
    )
    p = torch.zeros((length, d_model))
    p[:, 0::2] = torch.sin(x)
    p[:, 1::2] = torch.cos(x[:, : d_model - x.shape[1]])
    return p
