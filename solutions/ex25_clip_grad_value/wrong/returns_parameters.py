"""Returns the parameters."""

import torch


def clip_grad_value(parameters, clip_value):
    parameters = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
    for p in parameters:
        if p.grad is not None:
            p.grad.clamp_(-clip_value, clip_value)
    return parameters
