"""Clips only where the total exceeds max_norm."""

import torch


def clip_grad_norm(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    gradients = [p.grad for p in parameters if p.grad is not None]
    if not gradients:
        return torch.tensor(0.0)
    norms = torch.stack([torch.linalg.vector_norm(g, norm_type) for g in gradients])
    total = torch.linalg.vector_norm(norms, norm_type)
    coefficient = torch.where(total > max_norm, max_norm / (total + 1e-6), torch.ones_like(total))
    for gradient in gradients:
        gradient.mul_(coefficient)
    return total
