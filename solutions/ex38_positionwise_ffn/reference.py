"""Exercise 38, the feed-forward network at every position: the reference."""

import torch
from torch import Tensor


def positionwise_ffn(x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
    """Two linear layers with a ReLU between them, on the last axis."""
    # Positions are rows, so the weights are applied from the right, transposed; the axes of batch
    # and time come along by themselves.
    hidden = torch.relu(x @ w1.T + b1)
    return hidden @ w2.T + b2
