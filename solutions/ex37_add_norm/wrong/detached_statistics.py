"""Detaches the variance, so that it counts as a constant."""

import torch


def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
    total = x + sublayer_out
    centred = total - total.mean(dim=-1, keepdim=True)
    variance = centred.square().mean(dim=-1, keepdim=True).detach()
    return centred / torch.sqrt(variance + eps) * weight + bias
