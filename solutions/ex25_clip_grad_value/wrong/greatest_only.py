"""Clips only the greatest element of each gradient."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            flat = p.grad.flatten()
            i = flat.abs().argmax()
            flat[i] = flat[i].clamp(-clip_value, clip_value)
            p.grad.copy_(flat.reshape(p.grad.shape))
