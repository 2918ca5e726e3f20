"""Takes the values without their bias."""

import math

import torch
from torch import Tensor
from torch.nn.functional import layer_norm, linear


def encoder_block(
    x: Tensor, params: dict[str, Tensor], num_heads: int, valid_lens: Tensor | None = None
) -> Tensor:
    z = _norm(x + _attention(x, params, num_heads, valid_lens), params, "norm1")
    return _norm(z + _feed_forward(z, params), params, "norm2")


def _attention(
    x: Tensor, params: dict[str, Tensor], num_heads: int, valid_lens: Tensor | None
) -> Tensor:
    projected = linear(x, params["self_attn.in_proj_weight"], params["self_attn.in_proj_bias"])
    q, k, v = (_split(block, num_heads) for block in projected.chunk(3, dim=-1))
    v = v - _split(params["self_attn.in_proj_bias"].chunk(3)[2].expand_as(x), num_heads)
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if valid_lens is not None:
        padding = torch.arange(x.shape[1], device=x.device) >= valid_lens[:, None]
        scores = scores.masked_fill(padding[:, None, None, :], -math.inf)
    heads = torch.softmax(scores, dim=-1) @ v
    return linear(
        heads.transpose(1, 2).flatten(2),
        params["self_attn.out_proj.weight"],
        params["self_attn.out_proj.bias"],
    )


def _split(x: Tensor, num_heads: int) -> Tensor:
    return x.unflatten(-1, (num_heads, -1)).transpose(1, 2)


def _feed_forward(x: Tensor, params: dict[str, Tensor]) -> Tensor:
    hidden = torch.relu(linear(x, params["linear1.weight"], params["linear1.bias"]))
    return linear(hidden, params["linear2.weight"], params["linear2.bias"])


def _norm(x: Tensor, params: dict[str, Tensor], name: str) -> Tensor:
    return layer_norm(x, x.shape[-1:], params[f"{name}.weight"], params[f"{name}.bias"])
