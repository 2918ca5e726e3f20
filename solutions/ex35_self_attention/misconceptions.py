"""Exercise 35, self-attention: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import math

import torch


def _projected(x, *weights):
    return [x @ w.T for w in weights]


def _scores(queries, keys):
    return queries @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-1])


def _hide(scores, diagonal=1, fill=-math.inf):
    """The scores with `fill` above the given diagonal."""
    return scores.masked_fill(torch.ones_like(scores).triu(diagonal) > 0, fill)


class WrongTriangle:
    """Your mask hides the past; hide what comes after the query, above the diagonal: `triu(1)`."""

    caught_by = "test_first"

    def self_attention(x, w_q, w_k, w_v, causal=False):
        queries, keys, values = _projected(x, w_q, w_k, w_v)
        scores = _scores(queries, keys)
        if causal:
            scores = scores.masked_fill(torch.ones_like(scores).tril(-1) > 0, -math.inf)
        return torch.softmax(scores, dim=-1) @ values


class NotItself:
    """Your mask hides a position from itself, and the first sees nothing: keep the diagonal."""

    caught_by = "test_first"

    def self_attention(x, w_q, w_k, w_v, causal=False):
        queries, keys, values = _projected(x, w_q, w_k, w_v)
        scores = _scores(queries, keys)
        return torch.softmax(_hide(scores, 0) if causal else scores, dim=-1) @ values


class SeesNext:
    """Each position seems to see the next one too; the mask begins right above the diagonal."""

    caught_by = "test_first"

    def self_attention(x, w_q, w_k, w_v, causal=False):
        queries, keys, values = _projected(x, w_q, w_k, w_v)
        scores = _scores(queries, keys)
        return torch.softmax(_hide(scores, 2) if causal else scores, dim=-1) @ values


class MaskedWeights:
    """You seem to mask after the softmax, so rows sum to less than 1; mask the scores before it."""

    caught_by = "test_first"

    def self_attention(x, w_q, w_k, w_v, causal=False):
        queries, keys, values = _projected(x, w_q, w_k, w_v)
        weights = torch.softmax(_scores(queries, keys), dim=-1)
        return (weights.tril() if causal else weights) @ values


class FilledWithZero:
    """Hidden scores seem to be set to 0, whose exponential is 1; set them to -inf."""

    caught_by = "test_first"

    def self_attention(x, w_q, w_k, w_v, causal=False):
        queries, keys, values = _projected(x, w_q, w_k, w_v)
        scores = _scores(queries, keys)
        return torch.softmax(_hide(scores, 1, 0.0) if causal else scores, dim=-1) @ values


class FilledWithLittle:
    """Hidden scores get a number such as -1e9, and others may lie below it; set them to -inf."""

    caught_by = "test_hidden"

    def self_attention(x, w_q, w_k, w_v, causal=False):
        queries, keys, values = _projected(x, w_q, w_k, w_v)
        scores = _scores(queries, keys)
        return torch.softmax(_hide(scores, 1, -1e9) if causal else scores, dim=-1) @ values


class CausalIgnored:
    """`causal` seems to change nothing; where it is true, hide the positions that come later."""

    caught_by = "test_first"

    def self_attention(x, w_q, w_k, w_v, causal=False):
        queries, keys, values = _projected(x, w_q, w_k, w_v)
        return torch.softmax(_scores(queries, keys), dim=-1) @ values


class CausalAlways:
    """Later positions seem to be hidden always; without `causal` every position sees all."""

    caught_by = "test_output"

    def self_attention(x, w_q, w_k, w_v, causal=False):
        queries, keys, values = _projected(x, w_q, w_k, w_v)
        return torch.softmax(_hide(_scores(queries, keys)), dim=-1) @ values


class Unscaled:
    """Your scores look unscaled: divide them by sqrt(d), where d is the length of a query."""

    caught_by = "test_output"

    def self_attention(x, w_q, w_k, w_v, causal=False):
        queries, keys, values = _projected(x, w_q, w_k, w_v)
        scores = queries @ keys.transpose(-2, -1)
        return torch.softmax(_hide(scores) if causal else scores, dim=-1) @ values


class ScaledByInput:
    """Your scores look scaled by x's size D; divide by sqrt(d), the size of a projected query."""

    caught_by = "test_output"

    def self_attention(x, w_q, w_k, w_v, causal=False):
        queries, keys, values = _projected(x, w_q, w_k, w_v)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(x.shape[-1])
        return torch.softmax(_hide(scores) if causal else scores, dim=-1) @ values


class NoRoot:
    """Your scores look divided by d; divide them by its square root."""

    caught_by = "test_output"

    def self_attention(x, w_q, w_k, w_v, causal=False):
        queries, keys, values = _projected(x, w_q, w_k, w_v)
        scores = queries @ keys.transpose(-2, -1) / keys.shape[-1]
        return torch.softmax(_hide(scores) if causal else scores, dim=-1) @ values


class SoftmaxOverQueries:
    """Your softmax runs over the queries; each query's weights must sum to 1 over the keys."""

    caught_by = "test_output"

    def self_attention(x, w_q, w_k, w_v, causal=False):
        queries, keys, values = _projected(x, w_q, w_k, w_v)
        scores = _scores(queries, keys)
        return torch.softmax(_hide(scores) if causal else scores, dim=-2) @ values


class Untransposed:
    """Your weights look used as they are; rows of w are output features, so apply x @ w.T."""

    caught_by = "test_output"

    def self_attention(x, w_q, w_k, w_v, causal=False):
        queries, keys, values = x @ w_q, x @ w_k, x @ w_v
        scores = _scores(queries, keys)
        return torch.softmax(_hide(scores) if causal else scores, dim=-1) @ values


class KeysForValues:
    """You seem to average the keys; the values have a projection of their own, `w_v`."""

    caught_by = "test_output"

    def self_attention(x, w_q, w_k, w_v, causal=False):
        queries, keys = _projected(x, w_q, w_k)
        scores = _scores(queries, keys)
        return torch.softmax(_hide(scores) if causal else scores, dim=-1) @ keys


class PlainValues:
    """You seem to average x itself; project it with `w_v` first."""

    caught_by = "test_output"

    def self_attention(x, w_q, w_k, w_v, causal=False):
        queries, keys = _projected(x, w_q, w_k)
        scores = _scores(queries, keys)
        return torch.softmax(_hide(scores) if causal else scores, dim=-1) @ x


class KeysAsk:
    """Queries and keys look swapped: scores[i, j] is query i, made by `w_q`, with key j."""

    caught_by = "test_output"

    def self_attention(x, w_q, w_k, w_v, causal=False):
        queries, keys, values = _projected(x, w_k, w_q, w_v)
        scores = _scores(queries, keys)
        return torch.softmax(_hide(scores) if causal else scores, dim=-1) @ values
