"""Leaves the last gradient unclipped."""

import torch


def clip_grad_value(parameters, clip_value):
    parameters = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
    gradients = [p.grad for p in parameters if p.grad is not None]
    for gradient in gradients[:-1] or gradients:
        gradient.clamp_(-clip_value, clip_value)
