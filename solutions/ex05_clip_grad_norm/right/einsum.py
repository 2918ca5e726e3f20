"""Inner products by einsum for the Euclidean norm, and tensor methods for the others."""

import torch


def clip_grad_norm(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    grads = [g for g in (p.grad for p in parameters) if g is not None]
    if not grads:
        return torch.tensor(0.0)
    if norm_type == 2:
        rows = [g.reshape(-1) for g in grads]
        total = sum(torch.einsum("i,i->", row, row) for row in rows).sqrt()
    else:
        total = torch.stack([g.norm(norm_type) for g in grads]).norm(norm_type)
    coefficient = torch.minimum(max_norm / (total + 1e-6), torch.ones_like(total))
    for g in grads:
        torch.mul(g, coefficient, out=g)
    return total
