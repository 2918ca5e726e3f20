"""Leaves infinite elements as they are."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            finite = p.grad.isfinite()
            p.grad[finite] = p.grad[finite].clamp(-clip_value, clip_value)
