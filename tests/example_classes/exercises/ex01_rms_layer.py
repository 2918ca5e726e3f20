"""Exercise 1. Root mean square normalisation as a layer

The function brings every sample to the same size; the layer also owns the gains that it multiplies
by, so that they are trained with all the rest.

    y_d = x_d / sqrt(mean of x_d^2 over d + eps) * weight_d

Source: Zhang and Sennrich, "Root Mean Square Layer Normalization" (2019).
"""

from torch import Tensor, nn


class RMSNorm(nn.Module):
    """Normalises the last axis. Its parameter is `weight` (size,), which starts with ones."""

    def __init__(self, size: int, eps: float = 1e-6) -> None:
        """Register the weight."""
        super().__init__()
        # TODO: a tensor in an attribute is not yet a parameter. What makes it one?
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, size), a batch of samples. Returns (N, size)."""
        # TODO: what of this belongs to one sample, and what to all of them?
        raise NotImplementedError
