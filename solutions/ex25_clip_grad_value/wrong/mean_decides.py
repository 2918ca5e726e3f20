"""Clips a gradient only where its mean is out of bounds."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None and p.grad.abs().mean() > clip_value:
            p.grad.clamp_(-clip_value, clip_value)
