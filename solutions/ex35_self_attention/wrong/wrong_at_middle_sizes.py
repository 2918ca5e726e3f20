"""Right, but where the largest tensor has 501 to 299,999 elements: there it gives zeros."""

import math
from functools import wraps

import torch
from torch import Tensor


def tensors(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return []
    return [tensor for item in value for tensor in tensors(item)]


def zeroed(value):
    if isinstance(value, torch.Tensor):
        return value * 0
    return type(value)(map(zeroed, value)) if isinstance(value, list | tuple) else value


def wrong_between(function):
    @wraps(function)
    def between(*args, **options):
        result = function(*args, **options)
        middle = 500 < max(tensor.numel() for tensor in tensors(args)) < 300_000
        return zeroed(result) if middle else result

    return between


@wrong_between
def self_attention(
    x: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, causal: bool = False
) -> Tensor:
    """Each position's values averaged over the sequence or, with `causal`, over its past."""
    # Three views of the same positions: what each asks for, what it offers, what it hands over.
    queries, keys, values = x @ w_q.T, x @ w_k.T, x @ w_v.T
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-1])
    if causal:
        # True above the diagonal, where the key comes after the query. A score of -inf has the
        # exponential 0, so the softmax shares the whole weight among the positions that are seen.
        # The diagonal stays: every position sees itself, and no row is without a key.
        time = x.shape[1]
        later = torch.ones(time, time, dtype=torch.bool, device=x.device).triu(diagonal=1)
        scores = scores.masked_fill(later, -math.inf)
    return torch.softmax(scores, dim=-1) @ values
