"""Computes without gradients and asks for them afterwards."""

import torch


def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
    with torch.no_grad():
        total = x + sublayer_out
        centred = total - total.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        out = centred / torch.sqrt(variance + eps) * weight + bias
    return out.requires_grad_()
