"""Lets each gradient that is already clipped shrink the total of the next."""

import torch


def clip_grad_norm(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    gradients = [p.grad for p in parameters if p.grad is not None]
    if not gradients:
        return torch.tensor(0.0)
    row = torch.cat([g.flatten() for g in gradients])
    total = torch.linalg.vector_norm(row, norm_type)
    for gradient in gradients:
        rest = torch.cat([g.flatten() for g in gradients])
        now = torch.linalg.vector_norm(rest, norm_type)
        gradient.mul_((max_norm / (now + 1e-6)).clamp(max=1.0))
    return total
