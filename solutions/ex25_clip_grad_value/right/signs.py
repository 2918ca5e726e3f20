"""The sign times the bounded absolute value, put back by slicing."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            p.grad[...] = p.grad.sign() * p.grad.abs().clamp(max=clip_value)
