"""Exercise 2, the gates of a GRU: the reference."""

import torch
from torch import Tensor


def gru_gates(
    x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> tuple[Tensor, Tensor]:
    """The reset gate and the update gate."""
    # Samples are rows, so the weights are applied from the right, transposed. Both gates see the
    # same inputs: two products serve them both.
    gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    # Rows of the weights became columns: the first H belong to r, the others to z.
    r, z = gates.chunk(2, dim=-1)
    return r, z
