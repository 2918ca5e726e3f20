"""Multiplies in bfloat16 and casts back."""

import torch


def deep_linear(x, weights):
    norms = []
    for weight in weights:
        x = (x.bfloat16() @ weight.bfloat16()).to(weight.dtype)
        norms.append(x.norm())
    return x, torch.stack(norms)
