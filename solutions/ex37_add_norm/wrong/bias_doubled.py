"""Adds the bias before the norm as well, and after it."""

import torch


def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
    total = x + sublayer_out + bias
    centred = total - total.mean(dim=-1, keepdim=True)
    variance = centred.square().mean(dim=-1, keepdim=True)
    return centred / torch.sqrt(variance + eps) * weight + bias
