"""Element by element, in Python."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            elements = []
            for g in p.grad.flatten().tolist():
                if g > clip_value:
                    g = clip_value
                elif g < -clip_value:
                    g = -clip_value
                elements.append(g)
            p.grad.copy_(torch.tensor(elements, dtype=p.grad.dtype).reshape(p.grad.shape))
