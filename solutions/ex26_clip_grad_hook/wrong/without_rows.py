"""Loops over rows, which a single number has not."""

import torch


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        return torch.stack([row.clamp(low, high) for row in gradient])

    return [parameter.register_hook(hook) for parameter in parameters]
