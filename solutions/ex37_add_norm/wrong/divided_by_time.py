"""Divides the sum of squares by the number of positions."""

import torch


def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
    total = x + sublayer_out
    centred = total - total.mean(dim=-1, keepdim=True)
    variance = centred.square().sum(dim=-1, keepdim=True) / x.shape[1]
    return centred / torch.sqrt(variance + eps) * weight + bias
