"""Exercise 5, clipping gradients by norm: the reference."""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.linalg import vector_norm


def clip_grad_norm(
    parameters: Iterable[Tensor] | Tensor, max_norm: float, norm_type: float = 2.0
) -> Tensor:
    """Scale all gradients by one coefficient, in place; the total norm from before."""
    # A tensor is an iterable as well, of its rows, and these have no gradient of their own.
    if isinstance(parameters, Tensor):
        parameters = [parameters]
    # A generator can be read once, so what is needed twice is kept.
    gradients = [p.grad for p in parameters if p.grad is not None]
    if not gradients:
        return torch.tensor(0.0)
    # The norm of the norms is the norm of all elements in one row, without copying them there.
    norms = torch.stack([vector_norm(gradient, norm_type) for gradient in gradients])
    total = vector_norm(norms, norm_type)
    # The small number keeps the quotient finite where every gradient is zero; the bound of 1 leaves
    # small gradients alone, which would otherwise be blown up to max_norm.
    coefficient = (max_norm / (total + 1e-6)).clamp(max=1.0)
    for gradient in gradients:
        # In place: the optimiser, and whoever else holds this tensor, sees the clipped values.
        gradient.mul_(coefficient)
    return total
