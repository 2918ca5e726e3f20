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
def decoder_block(
    x: Tensor,
    memory: Tensor,
    params: dict[str, Tensor],
    num_heads: int,
    memory_valid_lens: Tensor | None = None,
) -> Tensor:
    """Self-attention, cross-attention, feed-forward network, each with its residual and norm."""
    # The causal mask is for what is being written; the memory is there from the beginning, and
    # every position may read all of it but the padding.
    a = _attention(x, x, params, "self_attn", num_heads, _later(x))
    z = _norm(x + a, params, "norm1")
    a = _attention(
        z, memory, params, "multihead_attn", num_heads, _padding(memory, memory_valid_lens)
    )
    z = _norm(z + a, params, "norm2")
    return _norm(z + _feed_forward(z, params), params, "norm3")


def _later(x: Tensor) -> Tensor:
    """(T, T), true where the key comes after the query."""
    t = x.shape[1]
    return torch.ones(t, t, dtype=torch.bool, device=x.device).triu(1)


def _padding(memory: Tensor, valid_lens: Tensor | None) -> Tensor | None:
    """(N, 1, 1, S), true where the memory is padding."""
    if valid_lens is None:
        return None
    positions = torch.arange(memory.shape[1], device=memory.device)
    return (positions >= valid_lens[:, None])[:, None, None, :]


def _attention(
    x: Tensor,
    others: Tensor,
    params: dict[str, Tensor],
    name: str,
    num_heads: int,
    hidden: Tensor | None,
) -> Tensor:
    """Multi-head attention with queries from x, keys and values from others; `hidden` is true
    where a key must get no weight."""
    weights = params[f"{name}.in_proj_weight"].chunk(3)
    biases = params[f"{name}.in_proj_bias"].chunk(3)
    q, k, v = (
        _split(linear(source, weight, bias), num_heads)
        for source, weight, bias in zip((x, others, others), weights, biases, strict=True)
    )
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if hidden is not None:
        scores = scores.masked_fill(hidden, -math.inf)
    heads = torch.softmax(scores, dim=-1) @ v
    return linear(
        heads.transpose(1, 2).flatten(2),
        params[f"{name}.out_proj.weight"],
        params[f"{name}.out_proj.bias"],
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
