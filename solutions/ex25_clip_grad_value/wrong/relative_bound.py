"""Takes the bound as a share of the greatest element."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            bound = clip_value * p.grad.abs().max()
            p.grad.clamp_(-bound, bound)
