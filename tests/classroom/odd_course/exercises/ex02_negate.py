"""Exercise 2. Negate"""

from torch import Tensor


def negate(x: Tensor) -> Tensor:
    """x: (N,). Returns (N,)."""
    # TODO: what becomes of each element?
    raise NotImplementedError
