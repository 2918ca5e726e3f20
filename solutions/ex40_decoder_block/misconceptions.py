"""Exercise 40, a Transformer's decoder block: what people really write, and what helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's, its helpers included.
"""

import math

import torch
from torch.nn.functional import gelu, layer_norm, linear

_right_attention, _right_norm, _right_padding = _attention, _norm, _padding


class PreNorm:
    """You seem to normalise before each sublayer; here the norm comes after the residual is added:
    layer_norm(x + sublayer(x))."""

    caught_by = "test_norms"

    def decoder_block(x, memory, params, num_heads, memory_valid_lens=None):
        z = _norm(x, params, "norm1")
        x = x + _attention(z, z, params, "self_attn", num_heads, _later(x))
        x = x + _cross(_norm(x, params, "norm2"), memory, params, num_heads, memory_valid_lens)
        return x + _feed_forward(_norm(x, params, "norm3"), params)


class OneNorm:
    """You seem to use norm1 for every layer norm; each has parameters of its own: norm1, norm2,
    norm3."""

    caught_by = "test_norms"

    def _norm(x, params, name):
        return _right_norm(x, params, "norm1")


class NormOrder:
    """You seem to use norm3 after the cross-attention and norm2 at the end; they come in the order
    of their numbers."""

    caught_by = "test_norms"

    def _norm(x, params, name):
        return _right_norm(x, params, {"norm1": "norm1", "norm2": "norm3", "norm3": "norm2"}[name])


class OtherEpsilon:
    """Your layer norm seems to use another eps; it is 1e-5, added to the variance under the
    root."""

    caught_by = "test_norms"

    def _norm(x, params, name):
        name = f"{name}.weight", f"{name}.bias"
        return layer_norm(x, x.shape[-1:], *(params[each] for each in name), eps=1e-6)


class SelfResidualForgotten:
    """Your self-attention seems to replace x; add its output to x before norm1."""

    caught_by = "test_norms"

    def decoder_block(x, memory, params, num_heads, memory_valid_lens=None):
        a = _attention(x, x, params, "self_attn", num_heads, _later(x))
        return _from_cross(_norm(a, params, "norm1"), memory, params, num_heads, memory_valid_lens)


class CrossResidualForgotten:
    """Your cross-attention seems to replace what asks it; add its output to that before norm2."""

    caught_by = "test_norms"

    def decoder_block(x, memory, params, num_heads, memory_valid_lens=None):
        z = _after_self(x, params, num_heads)
        z = _norm(_cross(z, memory, params, num_heads, memory_valid_lens), params, "norm2")
        return _norm(z + _feed_forward(z, params), params, "norm3")


class FeedForwardResidualForgotten:
    """Your feed-forward network seems to replace what it reads; add its output to it before
    norm3."""

    caught_by = "test_norms"

    def decoder_block(x, memory, params, num_heads, memory_valid_lens=None):
        z = _after_self(x, params, num_heads)
        z = _norm(z + _cross(z, memory, params, num_heads, memory_valid_lens), params, "norm2")
        return _norm(_feed_forward(z, params), params, "norm3")


class ResidualsFromTheInput:
    """Your residuals seem to add the block's input x each time; add what the sublayer before
    gave."""

    caught_by = "test_norms"

    def decoder_block(x, memory, params, num_heads, memory_valid_lens=None):
        z = _after_self(x, params, num_heads)
        z = _norm(x + _cross(z, memory, params, num_heads, memory_valid_lens), params, "norm2")
        return _norm(x + _feed_forward(z, params), params, "norm3")


class NoCausalMask:
    """Your positions seem to read ahead; give no weight to keys that come after the query, before
    the softmax."""

    caught_by = "test_future"

    def _later(x):
        return torch.zeros(x.shape[1], x.shape[1], dtype=torch.bool, device=x.device)


class OneAhead:
    """Your causal mask seems to start one key too late: a position sees itself and what came
    before, not the next one; hide triu(1) of the scores."""

    caught_by = "test_future"

    def _later(x):
        return torch.ones(x.shape[1], x.shape[1], dtype=torch.bool, device=x.device).triu(2)


class NotItself:
    """Your causal mask seems to hide each position from itself, which leaves the first with nothing
    to read; hide triu(1) of the scores, not triu(0)."""

    caught_by = "test_norms"

    def _later(x):
        return torch.ones(x.shape[1], x.shape[1], dtype=torch.bool, device=x.device).triu(0)


class PastHidden:
    """Your causal mask seems to hide the past and show the future; hide the keys above the
    diagonal, triu(1)."""

    caught_by = "test_future"

    def _later(x):
        return torch.ones(x.shape[1], x.shape[1], dtype=torch.bool, device=x.device).tril(-1)


class CausalMemory:
    """Your causal mask seems to lie over the memory as well; the memory is complete from the start,
    and every position reads all of it."""

    caught_by = "test_memory"

    def _attention(x, others, params, name, num_heads, hidden):
        if name == "multihead_attn":
            size = x.shape[1], others.shape[1]
            later = torch.ones(size, dtype=torch.bool, device=x.device).triu(1)
            hidden = later if hidden is None else hidden | later
        return _right_attention(x, others, params, name, num_heads, hidden)


class CrossFirst:
    """You seem to ask the memory before the positions themselves; self-attention comes first."""

    caught_by = "test_block"

    def decoder_block(x, memory, params, num_heads, memory_valid_lens=None):
        z = _norm(x + _cross(x, memory, params, num_heads, memory_valid_lens), params, "norm1")
        a = _attention(z, z, params, "self_attn", num_heads, _later(z))
        z = _norm(z + a, params, "norm2")
        return _norm(z + _feed_forward(z, params), params, "norm3")


class MemoryNotRead:
    """Your second attention seems to read x again; its keys and values come from memory."""

    caught_by = "test_future"

    def _attention(x, others, params, name, num_heads, hidden):
        if name == "multihead_attn":
            others, hidden = x, None
        return _right_attention(x, others, params, name, num_heads, hidden)


class QueriesFromTheInput:
    """Your cross-attention seems to take its queries from the block's input x; take them from what
    norm1 gave."""

    caught_by = "test_block"

    def decoder_block(x, memory, params, num_heads, memory_valid_lens=None):
        z = _after_self(x, params, num_heads)
        z = _norm(z + _cross(x, memory, params, num_heads, memory_valid_lens), params, "norm2")
        return _norm(z + _feed_forward(z, params), params, "norm3")


class SelfWeightsTwice:
    """You seem to use the weights of self_attn in both attentions; the second has its own, those of
    multihead_attn."""

    caught_by = "test_block"

    def _attention(x, others, params, name, num_heads, hidden):
        return _right_attention(x, others, params, "self_attn", num_heads, hidden)


class AttentionsSwapped:
    """The weights of your two attentions look swapped: self_attn is for x itself, multihead_attn
    for the memory."""

    caught_by = "test_block"

    def _attention(x, others, params, name, num_heads, hidden):
        name = {"self_attn": "multihead_attn", "multihead_attn": "self_attn"}[name]
        return _right_attention(x, others, params, name, num_heads, hidden)


class KeysFirst:
    """Your in_proj looks read as k, q, v; its blocks are q, k, v in this order."""

    caught_by = "test_block"

    def _attention(x, others, params, name, num_heads, hidden):
        params = _blocks(params, name, lambda q, k, v: (k, q, v))
        return _right_attention(x, others, params, name, num_heads, hidden)


class ValuesBeforeKeys:
    """Your in_proj looks read as q, v, k; its blocks are q, k, v in this order."""

    caught_by = "test_block"

    def _attention(x, others, params, name, num_heads, hidden):
        params = _blocks(params, name, lambda q, k, v: (q, v, k))
        return _right_attention(x, others, params, name, num_heads, hidden)


class HeadsNotTransposed:
    """You seem to reshape straight to (N, heads, T, d), which mixes positions with heads; split the
    last axis into (heads, d) first, then transpose."""

    caught_by = "test_future"

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

    def _attention(x, others, params, name, num_heads, hidden):
        return _right_attention(x, others, params, name, 1, hidden)


class ScaledByModel:
    """Your scores look divided by sqrt(E); each head divides by the root of its own width,
    sqrt(E / num_heads)."""

    caught_by = "test_block"

    def _attention(x, others, params, name, num_heads, hidden):
        params = _blocks(params, name, lambda q, k, v: (q / math.sqrt(num_heads), k, v))
        return _right_attention(x, others, params, name, num_heads, hidden)


class InProjBiasForgotten:
    """Your in_proj_bias seems to be missing; both attentions add theirs to q, k and v."""

    caught_by = "test_block"

    def _attention(x, others, params, name, num_heads, hidden):
        name_of_bias = f"{name}.in_proj_bias"
        params = params | {name_of_bias: torch.zeros_like(params[name_of_bias])}
        return _right_attention(x, others, params, name, num_heads, hidden)


class Gelu:
    """Your feed-forward network seems to use gelu; this block's is relu."""

    caught_by = "test_block"

    def _feed_forward(x, params):
        hidden = gelu(linear(x, params["linear1.weight"], params["linear1.bias"]))
        return linear(hidden, params["linear2.weight"], params["linear2.bias"])


class MemoryMaskIgnored:
    """Your answer seems not to depend on memory_valid_lens; memory from there on gets no weight."""

    caught_by = "test_mask"

    def _padding(memory, valid_lens):
        return None


class MaskOneFurther:
    """Your memory mask seems to start one position too late; with memory_valid_lens[n] == 2 the
    positions 0 and 1 are valid, and 2 is padding."""

    caught_by = "test_mask"

    def _padding(memory, valid_lens):
        return None if valid_lens is None else _right_padding(memory, valid_lens + 1)


class MaskInverted:
    """Your memory mask looks inverted: what comes before memory_valid_lens is valid, the rest is
    padding."""

    caught_by = "test_mask"

    def _padding(memory, valid_lens):
        return None if valid_lens is None else ~_right_padding(memory, valid_lens)


def _after_self(x, params, num_heads):
    return _norm(x + _attention(x, x, params, "self_attn", num_heads, _later(x)), params, "norm1")


def _cross(z, memory, params, num_heads, valid_lens):
    padding = _padding(memory, valid_lens)
    return _attention(z, memory, params, "multihead_attn", num_heads, padding)


def _from_cross(z, memory, params, num_heads, valid_lens):
    z = _norm(z + _cross(z, memory, params, num_heads, valid_lens), params, "norm2")
    return _norm(z + _feed_forward(z, params), params, "norm3")


def _blocks(params, name, change):
    """The parameters with the blocks of in_proj as `change` makes them of q, k and v."""
    changed = {
        f"{name}.{part}": torch.cat(change(*params[f"{name}.{part}"].chunk(3)))
        for part in ("in_proj_weight", "in_proj_bias")
    }
    return params | changed
