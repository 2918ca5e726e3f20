"""Scales a gradient until it lies within the bounds."""

import torch


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        outside = torch.maximum(gradient.max() / high, gradient.min() / low)
        return gradient / outside.clamp(min=1.0)

    return [parameter.register_hook(hook) for parameter in parameters]
