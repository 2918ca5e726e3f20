"""Exercise 3, attention scoring: the reference."""

import math

import torch
from torch import Tensor


def attention_scores(queries: Tensor, keys: Tensor) -> Tensor:
    """Scaled dot products, (N, Tq, d) with (N, Tk, d) to (N, Tq, Tk)."""
    d = queries.shape[-1]
    # The dot product of two vectors of d independent entries of variance 1 has variance d; without
    # the scale, a large d drives the softmax to where its gradient vanishes.
    return queries @ keys.transpose(-2, -1) / math.sqrt(d)


def attention(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """The values averaged by the softmax of the scores, and the weights."""
    # torch.softmax subtracts each row's greatest score first, so that no exponential overflows.
    weights = torch.softmax(attention_scores(queries, keys), dim=-1)
    return weights @ values, weights
