"""Exercise 39, a Transformer's encoder block: what people really write, and what helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's, its helpers included.
"""

import math

import torch
from torch.nn.functional import gelu, layer_norm, linear

_right_attention, _right_norm, _right_split = _attention, _norm, _split


class PreNorm:
    """You seem to normalise before each sublayer; here the norm comes after the residual is added:
    layer_norm(x + sublayer(x))."""

    caught_by = "test_norms"

    def encoder_block(x, params, num_heads, valid_lens=None):
        x = x + _attention(_norm(x, params, "norm1"), params, num_heads, valid_lens)
        return x + _feed_forward(_norm(x, params, "norm2"), params)


class OneNorm:
    """You seem to use norm1 for both layer norms; the second has parameters of its own, norm2."""

    caught_by = "test_norms"

    def _norm(x, params, name):
        return _right_norm(x, params, "norm1")


class NormsSwapped:
    """Your norms look swapped: norm1 belongs to the attention, norm2 to the feed-forward
    network."""

    caught_by = "test_norms"

    def _norm(x, params, name):
        return _right_norm(x, params, {"norm1": "norm2", "norm2": "norm1"}[name])


class NormWithoutParameters:
    """Your layer norms seem to leave out their weight and bias; scale and shift with them."""

    caught_by = "test_norms"

    def _norm(x, params, name):
        return layer_norm(x, x.shape[-1:])


class OtherEpsilon:
    """Your layer norm seems to use another eps; it is 1e-5, added to the variance under the
    root."""

    caught_by = "test_norms"

    def _norm(x, params, name):
        name = f"{name}.weight", f"{name}.bias"
        return layer_norm(x, x.shape[-1:], *(params[each] for each in name), eps=1e-6)


class UnbiasedVariance:
    """Your layer norm seems to divide the squares by E - 1; the variance here is biased: their
    mean."""

    caught_by = "test_norms"

    def _norm(x, params, name):
        centred = x - x.mean(dim=-1, keepdim=True)
        scale = torch.sqrt(x.var(dim=-1, keepdim=True) + 1e-5)
        return centred / scale * params[f"{name}.weight"] + params[f"{name}.bias"]


class AttentionResidualForgotten:
    """Your attention seems to replace x; add its output to x before norm1."""

    caught_by = "test_norms"

    def encoder_block(x, params, num_heads, valid_lens=None):
        z = _norm(_attention(x, params, num_heads, valid_lens), params, "norm1")
        return _norm(z + _feed_forward(z, params), params, "norm2")


class FeedForwardResidualForgotten:
    """Your feed-forward network seems to replace what it reads; add its output to it before
    norm2."""

    caught_by = "test_norms"

    def encoder_block(x, params, num_heads, valid_lens=None):
        z = _norm(x + _attention(x, params, num_heads, valid_lens), params, "norm1")
        return _norm(_feed_forward(z, params), params, "norm2")


class ResidualFromTheInput:
    """Your second residual seems to be the block's input x; add the feed-forward network's output
    to what it read: the output of norm1."""

    caught_by = "test_norms"

    def encoder_block(x, params, num_heads, valid_lens=None):
        z = _norm(x + _attention(x, params, num_heads, valid_lens), params, "norm1")
        return _norm(x + _feed_forward(z, params), params, "norm2")


class KeysFirst:
    """Your in_proj looks read as k, q, v; its blocks are q, k, v in this order."""

    caught_by = "test_block"

    def _attention(x, params, num_heads, valid_lens):
        return _right_attention(x, _reordered(params, (1, 0, 2)), num_heads, valid_lens)


class ValuesFirst:
    """Your in_proj looks read as v, k, q; its blocks are q, k, v in this order."""

    caught_by = "test_block"

    def _attention(x, params, num_heads, valid_lens):
        return _right_attention(x, _reordered(params, (2, 1, 0)), num_heads, valid_lens)


class HeadsNotTransposed:
    """You seem to reshape straight to (N, heads, T, d), which mixes positions with heads; split the
    last axis into (heads, d) first, then transpose."""

    caught_by = "test_block"

    def _split(x, num_heads):
        n, t, e = x.shape
        return x.reshape(n, num_heads, t, e // num_heads)


class HeadsInterleaved:
    """You seem to give a head every so-many-th column; head h has the d columns from h * d on:
    split the last axis into (heads, d), not (d, heads)."""

    caught_by = "test_block"

    def _split(x, num_heads):
        return x.unflatten(-1, (-1, num_heads)).permute(0, 3, 1, 2)


class OneHead:
    """You seem to attend with one wide head; split q, k and v into num_heads, each with a softmax
    of its own."""

    caught_by = "test_block"

    def _attention(x, params, num_heads, valid_lens):
        return _right_attention(x, params, 1, valid_lens)


class ScaledByModel:
    """Your scores look divided by sqrt(E); each head divides by the root of its own width,
    sqrt(E / num_heads)."""

    caught_by = "test_block"

    def _attention(x, params, num_heads, valid_lens):
        return _right_attention(x, _queries_times(params, num_heads**-0.5), num_heads, valid_lens)


class Unscaled:
    """Your scores look unscaled; divide them by sqrt(d), the root of a head's width."""

    caught_by = "test_block"

    def _attention(x, params, num_heads, valid_lens):
        scale = math.sqrt(x.shape[-1] / num_heads)
        return _right_attention(x, _queries_times(params, scale), num_heads, valid_lens)


class InProjBiasForgotten:
    """Your in_proj_bias seems to be missing; it is added to q, k and v."""

    caught_by = "test_block"

    def _attention(x, params, num_heads, valid_lens):
        name = "self_attn.in_proj_bias"
        zero = torch.zeros_like(params[name])
        return _right_attention(x, params | {name: zero}, num_heads, valid_lens)


class OutProjForgotten:
    """You seem to add the heads to x as they are; out_proj mixes them first."""

    caught_by = "test_norms"

    def _attention(x, params, num_heads, valid_lens):
        e = x.shape[-1]
        identity = {
            "self_attn.out_proj.weight": torch.eye(e, dtype=x.dtype, device=x.device),
            "self_attn.out_proj.bias": torch.zeros(e, dtype=x.dtype, device=x.device),
        }
        return _right_attention(x, params | identity, num_heads, valid_lens)


class Gelu:
    """Your feed-forward network seems to use gelu; this block's is relu."""

    caught_by = "test_block"

    def _feed_forward(x, params):
        hidden = gelu(linear(x, params["linear1.weight"], params["linear1.bias"]))
        return linear(hidden, params["linear2.weight"], params["linear2.bias"])


class NoRelu:
    """Your feed-forward network seems to lack its relu: without it, two layers are only one."""

    caught_by = "test_block"

    def _feed_forward(x, params):
        hidden = linear(x, params["linear1.weight"], params["linear1.bias"])
        return linear(hidden, params["linear2.weight"], params["linear2.bias"])


class MaskIgnored:
    """Your answer seems not to depend on valid_lens; keys from valid_lens[n] on get no weight."""

    caught_by = "test_mask"

    def _attention(x, params, num_heads, valid_lens):
        return _right_attention(x, params, num_heads, None)


class MaskOneFurther:
    """Your mask seems to start one key too late; with valid_lens[n] == 2 the keys 0 and 1 are
    valid, and key 2 is padding."""

    caught_by = "test_mask"

    def _attention(x, params, num_heads, valid_lens):
        further = None if valid_lens is None else valid_lens + 1
        return _right_attention(x, params, num_heads, further)


class MaskInverted:
    """Your mask looks inverted: the keys before valid_lens are valid, those from there on are
    padding."""

    caught_by = "test_mask"

    def _attention(x, params, num_heads, valid_lens):
        return _masked_attention(
            x, params, num_heads, valid_lens, lambda valid: ~valid[:, None, None, :]
        )


class MaskOverQueries:
    """Your mask seems to lie over the queries, down the scores' columns; it belongs on the keys,
    the last axis: (N, 1, 1, T)."""

    caught_by = "test_mask"

    def _attention(x, params, num_heads, valid_lens):
        return _masked_attention(
            x, params, num_heads, valid_lens, lambda valid: valid[:, None, :, None]
        )


class PaddingSilenced:
    """You seem to set the outputs of the padding to 0; only keys are masked, and every query has
    its output."""

    caught_by = "test_mask"

    def encoder_block(x, params, num_heads, valid_lens=None):
        z = _norm(x + _attention(x, params, num_heads, valid_lens), params, "norm1")
        output = _norm(z + _feed_forward(z, params), params, "norm2")
        if valid_lens is None:
            return output
        padding = torch.arange(x.shape[1], device=x.device) >= valid_lens[:, None]
        return output.masked_fill(padding[..., None], 0.0)


def _reordered(params, order):
    """The parameters with the three blocks of in_proj in another order."""
    blocks = {
        name: torch.cat([params[name].chunk(3)[block] for block in order])
        for name in ("self_attn.in_proj_weight", "self_attn.in_proj_bias")
    }
    return params | blocks


def _queries_times(params, factor):
    """The parameters with queries that are `factor` times as large."""
    scaled = {}
    for name in ("self_attn.in_proj_weight", "self_attn.in_proj_bias"):
        q, k, v = params[name].chunk(3)
        scaled[name] = torch.cat([factor * q, k, v])
    return params | scaled


def _masked_attention(x, params, num_heads, valid_lens, keep):
    """The attention with another mask: `keep` makes one from (N, T), true where a key is valid."""
    if valid_lens is None:
        return _right_attention(x, params, num_heads, None)
    projected = linear(x, params["self_attn.in_proj_weight"], params["self_attn.in_proj_bias"])
    q, k, v = (_split(block, num_heads) for block in projected.chunk(3, dim=-1))
    valid = torch.arange(x.shape[1], device=x.device) < valid_lens[:, None]
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = torch.softmax(scores.masked_fill(~keep(valid), -math.inf), dim=-1)
    heads = (weights @ v).transpose(1, 2).flatten(2)
    return linear(heads, params["self_attn.out_proj.weight"], params["self_attn.out_proj.bias"])
