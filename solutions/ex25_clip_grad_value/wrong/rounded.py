"""Rounds gradients to five digits."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            p.grad.copy_((p.grad * 1e5).round() / 1e5)
            p.grad.clamp_(-clip_value, clip_value)
