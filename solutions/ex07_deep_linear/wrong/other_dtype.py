"""Always answers in float32."""

import torch


def deep_linear(x, weights):
    norms = []
    for weight in weights:
        x = x @ weight
        norms.append(x.norm())
    return x.float(), torch.stack(norms).float()
