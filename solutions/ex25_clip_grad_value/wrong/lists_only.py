"""Takes a list or one tensor, and passes over everything else."""

import torch


def clip_grad_value(parameters, clip_value):
    if not isinstance(parameters, list):
        parameters = [parameters] if isinstance(parameters, torch.Tensor) else []
    for p in parameters:
        if p.grad is not None:
            p.grad.clamp_(-clip_value, clip_value)
