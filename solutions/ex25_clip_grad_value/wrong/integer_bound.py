"""Rounds the bound to a whole number."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            bound = max(1, int(clip_value))
            p.grad.clamp_(-bound, bound)
