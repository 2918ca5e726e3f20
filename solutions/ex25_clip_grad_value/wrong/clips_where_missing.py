"""Clips the parameter itself where it has no gradient."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        target = p.data if p.grad is None else p.grad
        target.clamp_(-clip_value, clip_value)
