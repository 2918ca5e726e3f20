"""Squashes smoothly instead of clipping."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            p.grad.copy_(clip_value * torch.tanh(p.grad / clip_value))
