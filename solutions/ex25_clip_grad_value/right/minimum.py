"""torch.minimum and torch.maximum with tensors of the bounds, written in place."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = iter([parameters])
    for p in parameters:
        if (grad := p.grad) is not None:
            high = torch.full_like(grad, clip_value)
            torch.minimum(grad, high, out=grad)
            torch.maximum(grad, -high, out=grad)
