"""Exercise 32, additive attention: the reference."""

import torch
from torch import Tensor


def additive_scores(queries: Tensor, keys: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor) -> Tensor:
    """The scores of a network with one hidden layer, for all pairs of a query and a key."""
    # Each query and each key is carried into the hidden layer once, not once for every pair.
    asked, offered = queries @ w_q.T, keys @ w_k.T
    # (N, Tq, 1, H) and (N, 1, Tk, H) broadcast to all pairs, (N, Tq, Tk, H).
    hidden = torch.tanh(asked[:, :, None] + offered[:, None])
    # The tanh stands between two linear maps. Without it a score would be a sum of something of
    # the query and something of the key, and the best key would be the same for every query.
    return hidden @ w_v
