"""Computes in float32 and casts back."""

import torch


def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
    total = x.float() + sublayer_out.float()
    centred = total - total.mean(dim=-1, keepdim=True)
    variance = centred.square().mean(dim=-1, keepdim=True)
    return (centred / torch.sqrt(variance + eps) * weight + bias).to(x.dtype)
