"""Leaves gradients in float32."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            p.grad.clamp_(-clip_value, clip_value)
            p.grad = p.grad.float() if p.grad.dtype == torch.bfloat16 else p.grad
