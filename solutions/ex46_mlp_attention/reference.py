"""Exercise 46, additive attention as a module: the reference."""

import math

import torch
from torch import Tensor, nn


class MLPAttention(nn.Module):
    """Attention whose scores come from a network with one hidden layer."""

    attention_weights: Tensor

    def __init__(self, key_size: int, query_size: int, units: int, dropout: float) -> None:
        super().__init__()
        self.W_k = nn.Linear(key_size, units, bias=False)
        self.W_q = nn.Linear(query_size, units, bias=False)
        self.v = nn.Linear(units, 1, bias=False)
        # As a module it follows train() and eval() of the whole.
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, valid_len: Tensor | None
    ) -> Tensor:
        # (N, Tq, 1, units) and (N, 1, Tk, units) broadcast to all pairs.
        hidden = torch.tanh(self.W_q(query)[:, :, None] + self.W_k(key)[:, None])
        weights = _masked_softmax(self.v(hidden).squeeze(-1), valid_len)
        # What is dropped is drawn anew in every call: to look at the weights, take them before.
        self.attention_weights = weights
        return self.dropout(weights) @ value


def _masked_softmax(scores: Tensor, valid_len: Tensor | None) -> Tensor:
    """The softmax of each row's first scores, and 0 for the others."""
    if valid_len is None:
        return torch.softmax(scores, dim=-1)
    # (N,) becomes (N, 1, 1), (N, Tq) becomes (N, Tq, 1): either way it meets the keys' places.
    lengths = valid_len.reshape(len(scores), -1, 1)
    padding = torch.arange(scores.shape[2], device=scores.device) >= lengths
    weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1)
    # A row of nothing but -inf has become nan.
    return weights.masked_fill(padding, 0.0)
