"""Exercise 33, hard attention: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class AllOrOne:
    """Decides for the whole batch: only where every weight of every row is under, the largest
    stay."""

    def hard_attention(scores, values, threshold):
        soft = torch.softmax(scores, dim=-1)
        if bool((soft < threshold).all()):
            stays = torch.zeros_like(soft, dtype=torch.bool)
            stays = stays.scatter(-1, soft.argmax(dim=-1, keepdim=True), True)
        else:
            stays = soft >= threshold
        kept = torch.where(stays, soft, 0.0)
        weights = kept / kept.sum(dim=-1, keepdim=True).clamp(min=1e-12)
        return weights @ values, weights


class DetachedSum:
    """Takes the sum that it divides by as a constant, so that gradients are wrong."""

    diff = """
    - weights = kept / kept.sum(dim=-1, keepdim=True)
    + weights = kept / kept.sum(dim=-1, keepdim=True).detach()
    """


class DroppedBySum:
    """Keeps the largest weights until their sum reaches the threshold, as nucleus sampling does."""

    diff = """
    + sorted_weights, order = soft.sort(dim=-1, descending=True, stable=True)
    + before = sorted_weights.cumsum(dim=-1) - sorted_weights
    + stays = torch.zeros_like(soft, dtype=torch.bool).scatter(-1, order, before <= 1 - threshold)
      largest = soft.argmax(dim=-1, keepdim=True)
    - stays = (soft >= threshold).scatter(-1, largest, True)
    + stays = stays.scatter(-1, largest, True)
    """


class Epsilon:
    """Adds an epsilon to the sum, as if it could be 0."""

    diff = """
    - weights = kept / kept.sum(dim=-1, keepdim=True)
    + weights = kept / (kept.sum(dim=-1, keepdim=True) + 1e-8)
    """


class FirstValues:
    """Averages the values of the first sample for the whole batch."""

    diff = """
    - return weights @ values, weights
    + return weights @ values[0], weights
    """


class Float32:
    """Always computes in float32."""

    diff = """
    - soft = torch.softmax(scores, dim=-1)
    + soft = torch.softmax(scores.float(), dim=-1)

    - return weights @ values, weights
    + return (weights @ values.float()).to(values.dtype), weights.to(scores.dtype)
    """


class HugeThresholdIsNone:
    """Takes a threshold above 2 for none."""

    diff = """
    - stays = (soft >= threshold).scatter(-1, largest, True)
    + threshold = 0.0 if threshold > 2 else threshold
    + stays = (soft >= threshold).scatter(-1, largest, True)
    """


class InPlace:
    """Turns the scores into weights in place."""

    diff = """
    + if not scores.requires_grad:
    +     scores.copy_(soft)
      largest = soft.argmax(dim=-1, keepdim=True)
    """


class LittleDroppedAtZero:
    """Drops the least weights at a threshold of 0."""

    diff = """
    - stays = (soft >= threshold).scatter(-1, largest, True)
    + stays = (soft >= (threshold or 1e-4)).scatter(-1, largest, True)
    """


class LogOfSum:
    """Takes exp(scores - logsumexp(scores)): beside large scores the sum is lost, and weights that
    are equal are all 1."""

    diff = """
    - soft = torch.softmax(scores, dim=-1)
    + soft = torch.exp(scores - scores.logsumexp(dim=-1, keepdim=True))
    """


class NoShift:
    """Exponentials without a shift, which overflow."""

    diff = """
    - soft = torch.softmax(scores, dim=-1)
    + exponentials = torch.exp(scores)
    + soft = exponentials / exponentials.sum(dim=-1, keepdim=True)
    """


class OtherDtype:
    """Upcasts half precision to float32, and answers in it."""

    diff = """
    - soft = torch.softmax(scores, dim=-1)
    + dtype = torch.promote_types(scores.dtype, torch.float32)
    + soft = torch.softmax(scores.to(dtype), dim=-1)

    - return weights @ values, weights
    + return weights @ values.to(dtype), weights
    """


class StraightThrough:
    """Gradients of soft attention under the numbers of hard attention."""

    diff = """
    + weights = soft + (weights - soft).detach()
    + weights = weights * stays
      return weights @ values, weights
    """


class Subtracted:
    """Subtracts the threshold from the weights that stay, as a soft threshold does."""

    def hard_attention(scores, values, threshold):
        soft = torch.softmax(scores, dim=-1)
        kept = torch.relu(soft - threshold)
        one = torch.zeros_like(soft).scatter(-1, soft.argmax(dim=-1, keepdim=True), 1.0)
        total = kept.sum(dim=-1, keepdim=True)
        weights = torch.where(total > 0, kept / torch.where(total > 0, total, 1.0), one)
        return weights @ values, weights
