"""Nested torch.where, copied back."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = (parameters,)
    for parameter in parameters:
        grad = parameter.grad
        if grad is None:
            continue
        above, below = grad > clip_value, grad < -clip_value
        clipped = torch.where(above, clip_value, torch.where(below, -clip_value, grad))
        grad.copy_(clipped)
