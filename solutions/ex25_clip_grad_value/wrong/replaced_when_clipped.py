"""Replaces a gradient where something in it is clipped."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None and (p.grad.abs() > clip_value).any():
            p.grad = p.grad.clamp(-clip_value, clip_value)
