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
def multi_head_attention(
    queries: Tensor,
    keys: Tensor,
    values: Tensor,
    w_q: Tensor,
    w_k: Tensor,
    w_v: Tensor,
    w_o: Tensor,
    num_heads: int,
    valid_lens: Tensor | None = None,
) -> Tensor:
    """The heads' averages of the values, side by side, mixed by w_o."""
    size = queries.shape[-1]
    if size % num_heads:
        raise ValueError(f"{num_heads} heads cannot share {size} features equally")
    q = _split(queries @ w_q.T, num_heads)
    k = _split(keys @ w_k.T, num_heads)
    v = _split(values @ w_v.T, num_heads)
    # The sums run over the features of one head, so that it is their number which sets the scale.
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    heads = _masked_softmax(scores, valid_lens) @ v
    # (N, heads, Tq, d) back to (N, Tq, heads, d): the features of one query lie together again.
    return heads.transpose(1, 2).flatten(2) @ w_o.T


def _split(x: Tensor, num_heads: int) -> Tensor:
    """(N, T, E) to (N, heads, T, d)."""
    # The blocks are cut out of the features, the last axis; a reshape straight to the result's
    # shape would cut the sequence instead. Only then the heads move to the front, to the batch.
    return x.unflatten(-1, (num_heads, -1)).transpose(1, 2)


def _masked_softmax(scores: Tensor, valid_lens: Tensor | None) -> Tensor:
    """Weights that are 0 from the valid length on; scores: (N, heads, Tq, Tk)."""
    if valid_lens is None:
        return torch.softmax(scores, dim=-1)
    # The same for every head, and with one length a sample for every query: axes of 1 stand there.
    lengths = valid_lens.reshape(len(scores), 1, -1, 1)
    hidden = torch.arange(scores.shape[-1], device=scores.device) >= lengths
    # The lowest number rather than -inf: where all are hidden, the softmax of -inf would be nan.
    # There it shares the weight equally, and the second mask takes it away.
    lowest = torch.finfo(scores.dtype).min
    return torch.softmax(scores.masked_fill(hidden, lowest), dim=-1).masked_fill(hidden, 0)
