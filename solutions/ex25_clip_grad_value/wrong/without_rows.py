"""Loops over rows, which a gradient of a single number has not."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            for row in p.grad:
                row.clamp_(-clip_value, clip_value)
