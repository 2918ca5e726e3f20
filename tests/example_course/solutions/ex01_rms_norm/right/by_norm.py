"""By the Euclidean norm, which is the root mean square times sqrt(D)."""

import torch


def rms_norm(x, weight, eps=1e-6):
    norms = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    return weight * x * torch.rsqrt(norms**2 / x.shape[-1] + eps)
