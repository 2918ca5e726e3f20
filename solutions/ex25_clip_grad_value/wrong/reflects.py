"""Reflects at the bound, by as much as it was exceeded."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            clipped = p.grad.clamp(-clip_value, clip_value)
            p.grad.copy_(2 * clipped - p.grad)
