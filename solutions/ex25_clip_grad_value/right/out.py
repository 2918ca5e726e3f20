"""torch.clip with the gradient as its own output."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            torch.clip(p.grad, min=-clip_value, max=clip_value, out=p.grad)
