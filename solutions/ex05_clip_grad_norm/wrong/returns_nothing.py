"""Returns nothing."""

import torch


def clip_grad_norm(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    gradients = [p.grad for p in parameters if p.grad is not None]
    if gradients:
        norms = torch.stack([torch.linalg.vector_norm(g, norm_type) for g in gradients])
        total = torch.linalg.vector_norm(norms, norm_type)
        coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
        for gradient in gradients:
            gradient.mul_(coefficient)
