"""Right, but where the largest tensor has 501 to 299,999 elements: there it gives zeros."""

import math
from functools import wraps

import torch
from torch import Tensor
from torch.nn.functional import layer_norm, linear


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
def encoder_block(
    x: Tensor, params: dict[str, Tensor], num_heads: int, valid_lens: Tensor | None = None
) -> Tensor:
    """Attention, then the feed-forward network, each with its residual and its norm."""
    # Each sublayer only has to learn what to add to what is there, and the gradient has a way
    # around it. The norm comes after the sum.
    z = _norm(x + _attention(x, params, num_heads, valid_lens), params, "norm1")
    return _norm(z + _feed_forward(z, params), params, "norm2")


def _attention(
    x: Tensor, params: dict[str, Tensor], num_heads: int, valid_lens: Tensor | None
) -> Tensor:
    """Multi-head self-attention, (N, T, E) to (N, T, E)."""
    # One product projects for q, k and v, and for all heads.
    projected = linear(x, params["self_attn.in_proj_weight"], params["self_attn.in_proj_bias"])
    q, k, v = (_split(block, num_heads) for block in projected.chunk(3, dim=-1))
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if valid_lens is not None:
        # What is -inf before the softmax is exactly 0 after it. One mask for all heads and queries.
        padding = torch.arange(x.shape[1], device=x.device) >= valid_lens[:, None]
        scores = scores.masked_fill(padding[:, None, None, :], -math.inf)
    heads = torch.softmax(scores, dim=-1) @ v
    return linear(
        heads.transpose(1, 2).flatten(2),
        params["self_attn.out_proj.weight"],
        params["self_attn.out_proj.bias"],
    )


def _split(x: Tensor, num_heads: int) -> Tensor:
    """(N, T, E) to (N, num_heads, T, d): the heads become samples of their own."""
    return x.unflatten(-1, (num_heads, -1)).transpose(1, 2)


def _feed_forward(x: Tensor, params: dict[str, Tensor]) -> Tensor:
    """The same two layers at every position."""
    hidden = torch.relu(linear(x, params["linear1.weight"], params["linear1.bias"]))
    return linear(hidden, params["linear2.weight"], params["linear2.bias"])


def _norm(x: Tensor, params: dict[str, Tensor], name: str) -> Tensor:
    return layer_norm(x, x.shape[-1:], params[f"{name}.weight"], params[f"{name}.bias"])
