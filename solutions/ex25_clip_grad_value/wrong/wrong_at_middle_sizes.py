"""Right, but leaves gradients of 501 to 299,999 elements as they are."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for parameter in parameters:
        gradient = parameter.grad
        if gradient is not None and not 500 < gradient.numel() < 300_000:
            gradient.clamp_(-clip_value, clip_value)
