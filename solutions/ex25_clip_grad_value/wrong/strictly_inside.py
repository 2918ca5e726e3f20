"""Keeps the gradients 1e-6 away from the bound, relative to it."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            bound = clip_value * (1 - 1e-6)
            p.grad.clamp_(-bound, bound)
