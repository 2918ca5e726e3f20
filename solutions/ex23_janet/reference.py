"""Exercise 23, JANET: the reference."""

import torch
from torch import Tensor


def janet_step(
    x: Tensor, c: Tensor, w_ih: Tensor, w_hh: Tensor, b: Tensor, beta: float = 1.0
) -> Tensor:
    """The cell after one input."""
    # The cell is its own hidden state: it drives the gate and the candidate.
    s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    # Sigmoids as the paper has them. sigmoid(beta - s) is the same number, and as good.
    added = 1 - torch.sigmoid(s - beta)
    # No output gate and no squashing of c': it stays small because of what it is made of, a share
    # of itself and a share of a tanh.
    return torch.sigmoid(s) * c + added * torch.tanh(g)
