"""A lambda for each parameter, in a loop that appends."""

import torch


def register_clip_hooks(parameters, low, high):
    handles = []
    for parameter in parameters:
        handle = parameter.register_hook(lambda gradient: torch.clip(gradient, min=low, max=high))
        handles.append(handle)
    return handles
