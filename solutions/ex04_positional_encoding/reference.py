"""Exercise 4, positional encoding: the reference."""

import torch
from torch import Tensor


def positional_encoding(length: int, d_model: int, base: float = 10000.0) -> Tensor:
    """Sines in the even columns, cosines of the same angles in the odd ones."""
    # In float64 until the end: near position 5,000, float32 is too coarse for an angle by some
    # ten-thousandths of a radian, and the sine inherits all of it.
    positions = torch.arange(length, dtype=torch.float64)
    # One exponent for each pair of columns: 0, 2, 4, ... over d_model. The angles of a row fall
    # geometrically, so that fast columns tell neighbours apart and slow ones the far from the near.
    exponents = torch.arange(0, d_model, 2, dtype=torch.float64) / d_model
    angles = torch.outer(positions, base**-exponents)
    table = torch.empty((length, d_model), dtype=torch.float32)
    table[:, 0::2] = angles.sin()
    # An odd d_model has one sine more than it has cosines.
    table[:, 1::2] = angles[:, : d_model // 2].cos()
    return table
