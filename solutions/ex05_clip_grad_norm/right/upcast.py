"""The norm in float64, rounded at the end, and a division where others multiply."""

import torch


def clip_grad_norm(parameters, max_norm, norm_type=2.0):
    grads = []
    for p in [parameters] if isinstance(parameters, torch.Tensor) else parameters:
        if p.grad is not None:
            grads.append(p.grad)
    if not grads:
        return torch.tensor(0.0)
    norms = [torch.linalg.vector_norm(g.double(), norm_type) for g in grads]
    total = torch.linalg.vector_norm(torch.stack(norms), norm_type)
    divisor = torch.clamp((total + 1e-6) / max_norm, min=1.0)
    for g in grads:
        g.copy_(g.double() / divisor)
    return total.to(grads[0].dtype)
