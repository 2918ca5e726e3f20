"""Reads x from memory as if it lay row by row."""

import torch


def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
    total = torch.as_strided(x, x.shape, (x[0].numel(), x.shape[2], 1)) + sublayer_out
    centred = total - total.mean(dim=-1, keepdim=True)
    variance = centred.square().mean(dim=-1, keepdim=True)
    return centred / torch.sqrt(variance + eps) * weight + bias
