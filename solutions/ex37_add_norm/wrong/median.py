"""Takes the median off."""

import torch


def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
    total = x + sublayer_out
    centred = total - total.median(dim=-1, keepdim=True).values
    variance = centred.square().mean(dim=-1, keepdim=True)
    return centred / torch.sqrt(variance + eps) * weight + bias
