"""Exercise 1, root mean square normalisation as a layer: the reference."""

import torch
from torch import Tensor, nn


class RMSNorm(nn.Module):
    """Normalises the last axis."""

    def __init__(self, size: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.eps = eps
        # A Parameter is registered by being given to the module; a tensor would not be.
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x: Tensor) -> Tensor:
        mean_square = x.square().mean(dim=-1, keepdim=True)
        return x / torch.sqrt(mean_square + self.eps) * self.weight
