"""Exercise 3, attention scoring: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import math

import torch


class Unscaled:
    """Your scores look unscaled: divide them by sqrt(d), where d is the length of a query."""

    caught_by = "test_scores"

    def attention_scores(queries, keys):
        return queries @ keys.transpose(-2, -1)


class ScaledByD:
    """Your scores look divided by d; divide them by its square root."""

    caught_by = "test_scores"

    def attention_scores(queries, keys):
        return queries @ keys.transpose(-2, -1) / queries.shape[-1]


class ScaledByKeys:
    """You divide by the root of the number of keys, it seems; use sqrt(d), the size of a query."""

    caught_by = "test_scores"

    def attention_scores(queries, keys):
        return queries @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-2])


class ScaledUp:
    """Your scores look multiplied by sqrt(d); divide by it."""

    caught_by = "test_scores"

    def attention_scores(queries, keys):
        return queries @ keys.transpose(-2, -1) * math.sqrt(queries.shape[-1])


class NormalisedScores:
    """`attention_scores` seems to return softmax weights already; leave the scores as they are."""

    caught_by = "test_scores"

    def attention_scores(queries, keys):
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        return torch.softmax(scores, dim=-1)


class SoftmaxOverQueries:
    """Your softmax runs over the queries; each query's weights must sum to 1 over the keys."""

    caught_by = "test_output"

    def attention(queries, keys, values):
        weights = torch.softmax(attention_scores(queries, keys), dim=-2)
        return weights @ values, weights


class SoftmaxOverBatch:
    """Your softmax runs over the batch; each query's weights must sum to 1 over the keys."""

    caught_by = "test_output"

    def attention(queries, keys, values):
        weights = torch.softmax(attention_scores(queries, keys), dim=0)
        return weights @ values, weights


class NoShift:
    """Your softmax overflows for large scores: subtract each row's greatest score before `exp`."""

    caught_by = "test_large_scores"

    def attention(queries, keys, values):
        scores = torch.exp(attention_scores(queries, keys))
        weights = scores / scores.sum(dim=-1, keepdim=True)
        return weights @ values, weights


class ScoresForWeights:
    """You seem to weigh the values by the raw scores; take their softmax first."""

    caught_by = "test_output"

    def attention(queries, keys, values):
        scores = attention_scores(queries, keys)
        return scores @ values, scores
