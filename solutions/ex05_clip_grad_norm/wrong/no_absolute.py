"""Forgets the absolute value in norms other than the Euclidean."""

import torch


def clip_grad_norm(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    gradients = [p.grad for p in parameters if p.grad is not None]
    if not gradients:
        return torch.tensor(0.0)
    row = torch.cat([g.flatten() for g in gradients])
    p = norm_type
    total = row.max() if p == float("inf") else (row**p).sum() ** (1 / p)
    coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
    for gradient in gradients:
        gradient.mul_(coefficient)
    return total
