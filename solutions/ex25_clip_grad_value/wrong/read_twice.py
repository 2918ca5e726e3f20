"""Goes through the parameters twice, and a generator is empty then."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    if any(p.grad is not None for p in parameters):
        for p in parameters:
            if p.grad is not None:
                p.grad.clamp_(-clip_value, clip_value)
