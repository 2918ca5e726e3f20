"""Exercise 33, hard attention: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import math

import torch


def _stays(soft, threshold):
    largest = soft.argmax(dim=-1, keepdim=True)
    return (soft >= threshold).scatter(-1, largest, True)


def _averaged(kept, values):
    weights = kept / kept.sum(dim=-1, keepdim=True)
    return weights @ values, weights


class SoftmaxOverQueries:
    """Your softmax runs over the queries; each query's weights must sum to 1 over the keys."""

    caught_by = "test_soft"

    def hard_attention(scores, values, threshold):
        soft = torch.softmax(scores, dim=-2)
        return _averaged(soft.masked_fill(~_stays(soft, threshold), 0.0), values)


class AlwaysOne:
    """You seem to keep one key whatever the threshold is; all that reach it should stay."""

    caught_by = "test_soft"

    def hard_attention(scores, values, threshold):
        soft = torch.softmax(scores, dim=-1)
        return _averaged(soft.masked_fill(~_stays(soft, math.inf), 0.0), values)


class NotRenormalised:
    """Your rows sum to less than 1 where keys are dropped: divide what is left by its sum."""

    caught_by = "test_weights"

    def hard_attention(scores, values, threshold):
        soft = torch.softmax(scores, dim=-1)
        weights = soft.masked_fill(~_stays(soft, threshold), 0.0)
        return weights @ values, weights


class ThresholdOnScores:
    """You seem to hold the scores against the threshold; it is meant for the softmax weights."""

    caught_by = "test_soft"

    def hard_attention(scores, values, threshold):
        soft = torch.softmax(scores, dim=-1)
        return _averaged(soft.masked_fill(~_stays(scores, threshold), 0.0), values)


class SoftmaxTwice:
    """You seem to take a softmax of weights that are left; divide them by their sum instead."""

    caught_by = "test_soft"

    def hard_attention(scores, values, threshold):
        soft = torch.softmax(scores, dim=-1)
        kept = soft.masked_fill(~_stays(soft, threshold), -math.inf)
        weights = torch.softmax(kept, dim=-1)
        return weights @ values, weights


class AllAlike:
    """You seem to count all keys that stay alike; they keep the ratios of their soft weights."""

    caught_by = "test_soft"

    def hard_attention(scores, values, threshold):
        soft = torch.softmax(scores, dim=-1)
        return _averaged(_stays(soft, threshold).to(soft.dtype), values)


class PartOfTheLargest:
    """You seem to compare with threshold * largest; compare with the threshold itself."""

    caught_by = "test_weights"

    def hard_attention(scores, values, threshold):
        soft = torch.softmax(scores, dim=-1)
        stays = _stays(soft, threshold * soft.amax(dim=-1, keepdim=True))
        return _averaged(soft.masked_fill(~stays, 0.0), values)


class SoftOutput:
    """Your output still averages with the soft weights; use the weights that you return."""

    caught_by = "test_weights"

    def hard_attention(scores, values, threshold):
        soft = torch.softmax(scores, dim=-1)
        _, weights = _averaged(soft.masked_fill(~_stays(soft, threshold), 0.0), values)
        return soft @ values, weights


class NothingLeft:
    """Where all weights are under the threshold you divide by 0; the largest must always stay."""

    caught_by = "test_all_under"

    def hard_attention(scores, values, threshold):
        soft = torch.softmax(scores, dim=-1)
        return _averaged(soft.masked_fill(soft < threshold, 0.0), values)


class AllDropped:
    """Where all weights are under the threshold you keep none; the largest must always stay."""

    caught_by = "test_all_under"

    def hard_attention(scores, values, threshold):
        soft = torch.softmax(scores, dim=-1)
        kept = soft.masked_fill(soft < threshold, 0.0)
        weights = kept / kept.sum(dim=-1, keepdim=True).clamp(min=1e-9)
        return weights @ values, weights


class SoftAgain:
    """Where all weights are under the threshold you keep them all; only the largest should stay."""

    caught_by = "test_all_under"

    def hard_attention(scores, values, threshold):
        soft = torch.softmax(scores, dim=-1)
        stays = soft >= threshold
        stays = stays | ~stays.any(dim=-1, keepdim=True)
        return _averaged(soft.masked_fill(~stays, 0.0), values)


class OneOfTheSample:
    """The largest weight of each query must stay, not just the largest of all queries."""

    caught_by = "test_all_under"

    def hard_attention(scores, values, threshold):
        soft = torch.softmax(scores, dim=-1)
        largest = soft.amax(dim=(-2, -1), keepdim=True)
        kept = soft.masked_fill((soft < threshold) & (soft < largest), 0.0)
        weights = kept / kept.sum(dim=-1, keepdim=True).clamp(min=1e-9)
        return weights @ values, weights


class AllLargest:
    """Of several equally large weights under the threshold you keep all; keep the first only."""

    caught_by = "test_first_of_equals"

    def hard_attention(scores, values, threshold):
        soft = torch.softmax(scores, dim=-1)
        stays = (soft >= threshold) | (soft == soft.amax(dim=-1, keepdim=True))
        return _averaged(soft.masked_fill(~stays, 0.0), values)


class LastOfEquals:
    """Of several equally large weights under the threshold you keep the last; keep the first."""

    caught_by = "test_first_of_equals"

    def hard_attention(scores, values, threshold):
        soft = torch.softmax(scores, dim=-1)
        stays = (soft >= threshold) | _stays(soft.flip(-1), math.inf).flip(-1)
        return _averaged(soft.masked_fill(~stays, 0.0), values)


class StrictlyAbove:
    """You seem to drop weights that equal the threshold; only those under it go (`>=`)."""

    caught_by = "test_equal"

    def hard_attention(scores, values, threshold):
        soft = torch.softmax(scores, dim=-1)
        stays = (soft > threshold) | _stays(soft, math.inf)
        return _averaged(soft.masked_fill(~stays, 0.0), values)
