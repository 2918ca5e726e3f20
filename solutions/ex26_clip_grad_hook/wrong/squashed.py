"""Squashes smoothly between the bounds."""

import torch


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        return low + (high - low) * torch.sigmoid(gradient)

    return [parameter.register_hook(hook) for parameter in parameters]
