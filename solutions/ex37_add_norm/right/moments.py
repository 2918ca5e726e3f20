"""The variance as E[s^2] - E[s]^2, and a reciprocal root."""

import torch


def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
    total = sublayer_out + x
    mean = total.mean(-1, keepdim=True)
    variance = (total * total).mean(-1, keepdim=True) - mean * mean
    return weight * (total - mean) * torch.rsqrt(variance + eps) + bias
