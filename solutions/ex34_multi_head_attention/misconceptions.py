"""Exercise 34, attention with several heads: what people really write, and what helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import math

import torch


def _attention(q, k, v, w_o, num_heads, valid_lens, scale=None):
    """What is left to do once the projections are made."""
    if q.shape[-1] % num_heads:
        raise ValueError("the heads cannot share the features equally")
    q, k, v = (_split(x, num_heads) for x in (q, k, v))
    scores = q @ k.transpose(-2, -1) / (scale or math.sqrt(q.shape[-1]))
    heads = _masked_softmax(scores, valid_lens) @ v
    return heads.transpose(1, 2).flatten(2) @ w_o.T


def _hidden(scores, valid_lens, offset=0):
    """True from the valid length plus `offset` on."""
    lengths = valid_lens.reshape(len(scores), 1, -1, 1) + offset
    return torch.arange(scores.shape[-1], device=scores.device) >= lengths


class Unscaled:
    """Your scores look unscaled: divide them by sqrt(d), where d is the size of one head."""

    caught_by = "test_one_head"

    def multi_head_attention(queries, keys, values, w_q, w_k, w_v, w_o, num_heads, valid_lens=None):
        q, k, v = queries @ w_q.T, keys @ w_k.T, values @ w_v.T
        return _attention(q, k, v, w_o, num_heads, valid_lens, scale=1.0)


class ScaledByModel:
    """Your scores look divided by sqrt(E); each is a sum over one head: sqrt(E / num_heads)."""

    caught_by = "test_heads"

    def multi_head_attention(queries, keys, values, w_q, w_k, w_v, w_o, num_heads, valid_lens=None):
        q, k, v = queries @ w_q.T, keys @ w_k.T, values @ w_v.T
        return _attention(q, k, v, w_o, num_heads, valid_lens, scale=math.sqrt(q.shape[-1]))


class OutputForgotten:
    """You seem to return the heads as they are; project them with `w_o` at the end."""

    caught_by = "test_one_head"

    def multi_head_attention(queries, keys, values, w_q, w_k, w_v, w_o, num_heads, valid_lens=None):
        q, k, v = queries @ w_q.T, keys @ w_k.T, values @ w_v.T
        return _attention(q, k, v, torch.eye(len(w_o)).to(w_o), num_heads, valid_lens)


class Untransposed:
    """Your weights look used as they are; rows of w are output features, so apply x @ w.T."""

    caught_by = "test_one_head"

    def multi_head_attention(queries, keys, values, w_q, w_k, w_v, w_o, num_heads, valid_lens=None):
        return _attention(queries @ w_q, keys @ w_k, values @ w_v, w_o.T, num_heads, valid_lens)


class OutputUntransposed:
    """`w_o` looks used as it is; apply it like the other weights, as x @ w.T."""

    caught_by = "test_one_head"

    def multi_head_attention(queries, keys, values, w_q, w_k, w_v, w_o, num_heads, valid_lens=None):
        q, k, v = queries @ w_q.T, keys @ w_k.T, values @ w_v.T
        return _attention(q, k, v, w_o.T, num_heads, valid_lens)


class KeysValuesSwapped:
    """Keys and values look swapped: the keys meet the queries, the values are averaged."""

    caught_by = "test_one_head"

    def multi_head_attention(queries, keys, values, w_q, w_k, w_v, w_o, num_heads, valid_lens=None):
        q, k, v = queries @ w_q.T, values @ w_k.T, keys @ w_v.T
        return _attention(q, k, v, w_o, num_heads, valid_lens)


class KeyWeightsForValues:
    """Your values look projected with `w_k`; they have weights of their own, `w_v`."""

    caught_by = "test_one_head"

    def multi_head_attention(queries, keys, values, w_q, w_k, w_v, w_o, num_heads, valid_lens=None):
        q, k, v = queries @ w_q.T, keys @ w_k.T, values @ w_k.T
        return _attention(q, k, v, w_o, num_heads, valid_lens)


class SplitSequence:
    """Your reshape cuts the sequence: split E into (num_heads, d), and only then swap two axes."""

    caught_by = "test_heads"

    def _split(x, num_heads):
        n, time, size = x.shape
        return x.reshape(n, num_heads, time, size // num_heads)


class Interleaved:
    """Feature i seems to belong to head i mod num_heads; a head is a block of neighbours."""

    caught_by = "test_heads"

    def _split(x, num_heads):
        return x.unflatten(-1, (-1, num_heads)).permute(0, 3, 1, 2)


class MergedWithoutSwap:
    """The heads come back in the wrong order: swap their axis with the queries' before merging."""

    caught_by = "test_heads"

    def multi_head_attention(queries, keys, values, w_q, w_k, w_v, w_o, num_heads, valid_lens=None):
        if queries.shape[-1] % num_heads:
            raise ValueError("the heads cannot share the features equally")
        q = _split(queries @ w_q.T, num_heads)
        k = _split(keys @ w_k.T, num_heads)
        v = _split(values @ w_v.T, num_heads)
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        return (_masked_softmax(scores, valid_lens) @ v).reshape(queries.shape) @ w_o.T


class AveragedHeads:
    """Your heads seem to share their mean weights; each averages the values in its own way."""

    caught_by = "test_heads"

    def _masked_softmax(scores, valid_lens):
        weights = torch.softmax(scores, dim=-1)
        if valid_lens is not None:
            hidden = _hidden(scores, valid_lens)
            lowest = torch.finfo(scores.dtype).min
            weights = torch.softmax(scores.masked_fill(hidden, lowest), dim=-1)
            weights = weights.masked_fill(hidden, 0)
        return weights.mean(dim=1, keepdim=True)


class SoftmaxOverHeads:
    """Your softmax runs over the heads; each query's weights must sum to 1 over the keys."""

    caught_by = "test_one_head"

    def _masked_softmax(scores, valid_lens):
        weights = torch.softmax(scores, dim=1)
        return weights if valid_lens is None else weights * ~_hidden(scores, valid_lens)


class MaskIgnored:
    """`valid_lens` seems to make no difference; give keys from the valid length on no weight."""

    caught_by = "test_valid_lens"

    def _masked_softmax(scores, valid_lens):
        return torch.softmax(scores, dim=-1)


class MaskedWeights:
    """You seem to mask after the softmax, so rows sum to less than 1; mask the scores before it."""

    caught_by = "test_valid_lens"

    def _masked_softmax(scores, valid_lens):
        weights = torch.softmax(scores, dim=-1)
        if valid_lens is None:
            return weights
        return weights.masked_fill(_hidden(scores, valid_lens), 0)


class MaskTurned:
    """Your mask hides the keys that are valid; hide those from the valid length on."""

    caught_by = "test_valid_lens"

    def _masked_softmax(scores, valid_lens):
        if valid_lens is None:
            return torch.softmax(scores, dim=-1)
        seen = ~_hidden(scores, valid_lens)
        lowest = torch.finfo(scores.dtype).min
        return torch.softmax(scores.masked_fill(seen, lowest), dim=-1).masked_fill(seen, 0)


class OneTooMany:
    """One key too many is seen: with length 2, keys 0 and 1 are valid, and key 2 is not."""

    caught_by = "test_valid_lens"

    def _masked_softmax(scores, valid_lens):
        if valid_lens is None:
            return torch.softmax(scores, dim=-1)
        hidden = _hidden(scores, valid_lens, 1)
        lowest = torch.finfo(scores.dtype).min
        return torch.softmax(scores.masked_fill(hidden, lowest), dim=-1).masked_fill(hidden, 0)


class OneTooFew:
    """One key too few is seen: with length 2, keys 0 and 1 are valid, not key 0 alone."""

    caught_by = "test_valid_lens"

    def _masked_softmax(scores, valid_lens):
        if valid_lens is None:
            return torch.softmax(scores, dim=-1)
        hidden = _hidden(scores, valid_lens, -1)
        lowest = torch.finfo(scores.dtype).min
        return torch.softmax(scores.masked_fill(hidden, lowest), dim=-1).masked_fill(hidden, 0)


class FilledWithZero:
    """Hidden scores seem to be set to 0, whose exponential is 1; set them to -inf."""

    caught_by = "test_valid_lens"

    def _masked_softmax(scores, valid_lens):
        if valid_lens is not None:
            scores = scores.masked_fill(_hidden(scores, valid_lens), 0)
        return torch.softmax(scores, dim=-1)


class FilledWithLittle:
    """You seem to fill hidden scores with -1e9 or the like; others may be lower. Fill in -inf."""

    caught_by = "test_one_key"

    def _masked_softmax(scores, valid_lens):
        if valid_lens is None:
            return torch.softmax(scores, dim=-1)
        hidden = _hidden(scores, valid_lens)
        weights = torch.softmax(scores.masked_fill(hidden, -1e9), dim=-1)
        return weights * (valid_lens > 0).reshape(len(scores), 1, -1, 1)


class LengthsRepeated:
    """Heads get other samples' lengths: with the heads next to each other, `repeat_interleave`."""

    caught_by = "test_valid_lens"

    def _masked_softmax(scores, valid_lens):
        if valid_lens is None:
            return torch.softmax(scores, dim=-1)
        samples, heads = scores.shape[:2]
        lengths = valid_lens.reshape(samples, -1).repeat(heads, 1).reshape(samples, heads, -1, 1)
        hidden = torch.arange(scores.shape[-1], device=scores.device) >= lengths
        lowest = torch.finfo(scores.dtype).min
        return torch.softmax(scores.masked_fill(hidden, lowest), dim=-1).masked_fill(hidden, 0)


class NothingIsNan:
    """A row of scores that are all -inf has a softmax of nan; give such a row weights of 0."""

    caught_by = "test_nothing"

    def _masked_softmax(scores, valid_lens):
        if valid_lens is not None:
            scores = scores.masked_fill(_hidden(scores, valid_lens), -math.inf)
        return torch.softmax(scores, dim=-1)


class NothingIsShared:
    """A query that may see no key seems to average them all; its weights must all be 0."""

    caught_by = "test_nothing"

    def _masked_softmax(scores, valid_lens):
        if valid_lens is not None:
            lowest = torch.finfo(scores.dtype).min
            scores = scores.masked_fill(_hidden(scores, valid_lens), lowest)
        return torch.softmax(scores, dim=-1)


class AnyNumber:
    """A number of heads that does not divide E must raise ValueError, by your own `raise`."""

    caught_by = "test_indivisible"

    def multi_head_attention(queries, keys, values, w_q, w_k, w_v, w_o, num_heads, valid_lens=None):
        q, k, v = queries @ w_q.T, keys @ w_k.T, values @ w_v.T
        q, k, v = (_split(x, num_heads) for x in (q, k, v))
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        heads = _masked_softmax(scores, valid_lens) @ v
        return heads.transpose(1, 2).flatten(2) @ w_o.T
