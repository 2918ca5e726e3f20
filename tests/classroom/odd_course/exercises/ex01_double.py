"""Exercise 1. Double"""

from torch import Tensor


def double(x: Tensor) -> Tensor:
    """x: (N,). Returns (N,)."""
    # TODO: what becomes of each element?
    raise NotImplementedError
