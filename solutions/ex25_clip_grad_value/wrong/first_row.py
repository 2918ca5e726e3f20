"""Clips only the first row of each gradient."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            row = p.grad[:1] if p.grad.dim() else p.grad
            row.clamp_(-clip_value, clip_value)
