"""Exercise 24, independent recurrent units: the reference."""

import torch
from torch import Tensor


def indrnn_step(x: Tensor, h: Tensor, w_ih: Tensor, u: Tensor, b: Tensor) -> Tensor:
    """The state after one input."""
    # u is as long as a row of h: the product goes element by element, the same for every sample.
    return torch.relu(x @ w_ih.T + b + u * h)


def indrnn_forward(
    x: Tensor, h0: Tensor, w_ih: Tensor, u: Tensor, b: Tensor
) -> tuple[Tensor, Tensor]:
    """The states after all inputs, and the last one."""
    # What the inputs say needs no state, so all steps share one large product, which is much
    # faster than many small ones. What is left for the loop is cheap.
    inputs = x @ w_ih.T + b
    states, h = [], h0
    for step in inputs:
        h = torch.relu(step + u * h)
        states.append(h)
    return torch.stack(states), h
