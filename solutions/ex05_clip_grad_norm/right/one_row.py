"""All gradients in one long row, and powers of absolute values."""

import math

import torch


def clip_grad_norm(parameters, max_norm, norm_type=2.0):
    parameters = [parameters] if torch.is_tensor(parameters) else list(parameters)
    grads = [p.grad for p in parameters if p.grad is not None]
    if len(grads) == 0:
        return torch.zeros(())
    row = torch.cat([g.reshape(-1) for g in grads]).abs()
    total = row.max() if norm_type == math.inf else row.pow(norm_type).sum().pow(1.0 / norm_type)
    if total + 1e-6 > max_norm:
        for g in grads:
            g *= max_norm / (total + 1e-6)
    return total
