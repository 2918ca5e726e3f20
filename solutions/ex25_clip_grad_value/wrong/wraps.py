"""Wraps around at the bound, as integers do."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            p.grad.copy_((p.grad + clip_value) % (2 * clip_value) - clip_value)
