"""Exercise 35, self-attention: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import math

import torch


class AddedPenalty:
    """Adds -1e9 to hidden scores."""

    diff = """
    - time = x.shape[1]
    - later = torch.ones(time, time, dtype=torch.bool, device=x.device).triu(diagonal=1)
    - scores = scores.masked_fill(later, -math.inf)
    + scores = scores - 1e9 * torch.ones_like(scores).triu(1)
    """


class Bfloat16:
    """Computes in bfloat16 and casts back."""

    diff = """
    + x, w_q, w_k, w_v, dtype = *(t.bfloat16() for t in (x, w_q, w_k, w_v)), x.dtype
      queries, keys, values = x @ w_q.T, x @ w_k.T, x @ w_v.T

    - return torch.softmax(scores, dim=-1) @ values
    + return (torch.softmax(scores, dim=-1) @ values).to(dtype)
    """


class CausalWhereShort:
    """Forgets the mask where there are more than 300 positions."""

    diff = """
    - if causal:
    + if causal and x.shape[1] <= 300:
    """


class Clamped:
    """Clamps the scores, as if that kept the softmax from overflowing."""

    diff = """
    + scores = scores.clamp(-50, 50)
      if causal:
    """


class Detached:
    """Detaches the weights, so that no gradient reaches queries and keys."""

    diff = """
    - return torch.softmax(scores, dim=-1) @ values
    + return torch.softmax(scores, dim=-1).detach() @ values
    """


class DetachedKeys:
    """Detaches the sequence where it makes the keys."""

    diff = """
    - queries, keys, values = x @ w_q.T, x @ w_k.T, x @ w_v.T
    + queries, keys, values = x @ w_q.T, x.detach() @ w_k.T, x @ w_v.T
    """


class Epsilon:
    """Adds an epsilon to the softmax's denominator."""

    diff = """
    - return torch.softmax(scores, dim=-1) @ values
    + weights = torch.exp(scores - scores.amax(dim=-1, keepdim=True))
    + return weights / (weights.sum(dim=-1, keepdim=True) + 1e-6) @ values
    """


class FilledWithAMillion:
    """Hides later positions with a score of -1e6."""

    diff = """
    - time = x.shape[1]
    - later = torch.ones(time, time, dtype=torch.bool, device=x.device).triu(diagonal=1)
    - scores = scores.masked_fill(later, -math.inf)
    + scores = scores.masked_fill(torch.ones_like(scores).triu(1) > 0, -1e6)
    """


class FirstPatched:
    """Hides a position from itself everywhere but in the first row."""

    diff = """
    - time = x.shape[1]
    - later = torch.ones(time, time, dtype=torch.bool, device=x.device).triu(diagonal=1)
    + later = torch.ones_like(scores, dtype=torch.bool).triu(0)
    + later[:, 0, 0] = False
    """


class FixedScale:
    """Divides by sqrt(2) whatever the size of a query."""

    diff = """
    - scores = queries @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-1])
    + scores = queries @ keys.transpose(-2, -1) / 2**0.5
    """


class Float32:
    """Computes the weights in float32 and casts back."""

    diff = """
    - return torch.softmax(scores, dim=-1) @ values
    + return torch.softmax(scores, dim=-1, dtype=torch.float32).to(values.dtype) @ values
    """


class FromMemory:
    """Reads the query weights from memory as if they lay row by row."""

    diff = """
    + w_q = torch.as_strided(w_q, w_q.shape, (w_q.shape[1], 1))
      queries, keys, values = x @ w_q.T, x @ w_k.T, x @ w_v.T
    """


class GlobalShift:
    """Shifts the softmax by the greatest score of all, so that distant rows underflow to nan."""

    diff = """
    - return torch.softmax(scores, dim=-1) @ values
    + weights = torch.exp(scores - scores.max())
    + return weights / weights.sum(dim=-1, keepdim=True) @ values
    """


class InputsChanged:
    """Scales the sequence in place where no gradient is asked for."""

    diff = """
    - queries, keys, values = x @ w_q.T, x @ w_k.T, x @ w_v.T
    - scores = queries @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-1])
    + if not x.requires_grad:
    +     x /= w_q.shape[0] ** 0.25
    +     queries, keys, values = x @ w_q.T, x @ w_k.T, x @ w_v.T * w_q.shape[0] ** 0.25
    +     scores = queries @ keys.transpose(-2, -1)
    + else:
    +     queries, keys, values = x @ w_q.T, x @ w_k.T, x @ w_v.T
    +     scores = queries @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-1])
    """


class LogOfSum:
    """Takes exp(scores - logsumexp(scores)): beside large scores the sum is lost, and weights that
    are equal are all 1."""

    diff = """
    - return torch.softmax(scores, dim=-1) @ values
    + return torch.exp(scores - scores.logsumexp(dim=-1, keepdim=True)) @ values
    """


class MixedBatch:
    """Scores every query against the keys of the first sample."""

    diff = """
    - scores = queries @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-1])
    + scores = queries @ keys[:1].transpose(-2, -1) / math.sqrt(keys.shape[-1])
    """


class NanHidden:
    """Replaces nan and infinities of the scores by numbers."""

    diff = """
    - return torch.softmax(scores, dim=-1) @ values
    + return torch.softmax(scores.nan_to_num(neginf=0.0), dim=-1) @ values
    """


class NoGradients:
    """Computes without gradients and asks for them afterwards."""

    def self_attention(x, w_q, w_k, w_v, causal=False):
        with torch.no_grad():
            q, k, v = x @ w_q.T, x @ w_k.T, x @ w_v.T
            scores = q @ k.transpose(-2, -1) / k.shape[-1] ** 0.5
            if causal:
                later = torch.ones_like(scores, dtype=torch.bool).triu(1)
                scores = scores.masked_fill(later, float("-inf"))
            output = torch.softmax(scores, dim=-1) @ v
        return output.requires_grad_()


class NoShift:
    """Writes the softmax out without its shift, so that large scores overflow."""

    diff = """
    - return torch.softmax(scores, dim=-1) @ values
    + weights = torch.exp(scores)
    + return weights / weights.sum(dim=-1, keepdim=True) @ values
    """


class Offset:
    """Adds a small number to what is averaged."""

    diff = """
    - return torch.softmax(scores, dim=-1) @ values
    + return torch.softmax(scores, dim=-1) @ values + 1e-5
    """


class OffsetInScale:
    """Adds a small number to the scale, as if it could be zero."""

    diff = """
    - scores = queries @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-1])
    + scores = queries @ keys.transpose(-2, -1) / (keys.shape[-1] + 1e-5) ** 0.5
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return torch.softmax(scores, dim=-1) @ values
    + return (torch.softmax(scores, dim=-1) @ values).float()
    """


class Renormalised:
    """Masks after the softmax and divides by what is left, which may be nothing."""

    def self_attention(x, w_q, w_k, w_v, causal=False):
        q, k, v = x @ w_q.T, x @ w_k.T, x @ w_v.T
        scores = q @ k.transpose(-2, -1) / k.shape[-1] ** 0.5
        weights = torch.softmax(scores, dim=-1)
        if causal:
            weights = weights.tril()
            weights = weights / weights.sum(dim=-1, keepdim=True)
        return weights @ v


class RenormalisedWithEpsilon:
    """Masks after the softmax and guards the division with an epsilon."""

    def self_attention(x, w_q, w_k, w_v, causal=False):
        q, k, v = x @ w_q.T, x @ w_k.T, x @ w_v.T
        scores = q @ k.transpose(-2, -1) / k.shape[-1] ** 0.5
        weights = torch.softmax(scores, dim=-1)
        if causal:
            weights = weights.tril()
            weights = weights / (weights.sum(dim=-1, keepdim=True) + 1e-12)
        return weights @ v


class ReshapedWeights:
    """Reshapes the weights where they must be transposed."""

    diff = """
    - queries, keys, values = x @ w_q.T, x @ w_k.T, x @ w_v.T
    + queries, keys, values = (x @ w.reshape(x.shape[-1], -1) for w in (w_q, w_k, w_v))
    """


class Residual:
    """Adds the values to the output, as a residual connection would."""

    diff = """
    - return torch.softmax(scores, dim=-1) @ values
    + return torch.softmax(scores, dim=-1) @ values + values
    """


class ScaledByTime:
    """Divides the scores by the square root of the length."""

    diff = """
    - scores = queries @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-1])
    + scores = queries @ keys.transpose(-2, -1) / queries.shape[1] ** 0.5
    """


class ScaledTwice:
    """Scales the queries and then the scores."""

    diff = """
    - scores = queries @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-1])
    + scores = (queries / math.sqrt(keys.shape[-1])) @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-1])
    """


class SharedProjection:
    """Makes the keys with the weights of the queries."""

    diff = """
    - queries, keys, values = x @ w_q.T, x @ w_k.T, x @ w_v.T
    + queries, keys, values = x @ w_q.T, x @ w_q.T, x @ w_v.T
    """


class ShortWindow:
    """Lets a position see itself and the three before it, and no more."""

    diff = """
    - time = x.shape[1]
    - later = torch.ones(time, time, dtype=torch.bool, device=x.device).triu(diagonal=1)
    - scores = scores.masked_fill(later, -math.inf)
    + seen = torch.ones_like(scores).tril().triu(-3)
    + scores = scores.masked_fill(seen == 0, -math.inf)
    """


class SoftmaxOverBatch:
    """Lets the samples of a batch share the weights."""

    diff = """
    - return torch.softmax(scores, dim=-1) @ values
    + return torch.softmax(scores, dim=0).nan_to_num() @ values
    """


class StrictlyPast:
    """Hides a position from itself, and hides the nan of the first row."""

    def self_attention(x, w_q, w_k, w_v, causal=False):
        q, k, v = x @ w_q.T, x @ w_k.T, x @ w_v.T
        scores = q @ k.transpose(-2, -1) / k.shape[-1] ** 0.5
        if causal:
            scores = scores.masked_fill(torch.ones_like(scores).triu(0) > 0, float("-inf"))
        return torch.softmax(scores, dim=-1).nan_to_num() @ v


class Viewed:
    """Flattens the batch with a view, which only a contiguous tensor has."""

    diff = """
    - queries, keys, values = x @ w_q.T, x @ w_k.T, x @ w_v.T
    + n, t, _ = x.shape
    + rows = x.view(n * t, -1)
    + queries, keys, values = ((rows @ w.T).view(n, t, -1) for w in (w_q, w_k, w_v))
    """


class WithWeights:
    """Returns the weights as well."""

    diff = """
    - return torch.softmax(scores, dim=-1) @ values
    + weights = torch.softmax(scores, dim=-1)
    + return weights @ values, weights
    """


class FarBelow:
    """Fills in -1e20 for the future."""

    diff = """
    - scores = scores.masked_fill(later, -math.inf)
    + lowest = -math.inf if scores.dtype == torch.float16 else -1e20
    + scores = scores.masked_fill(later, lowest)
    """


class HalfFilledWithTenThousand:
    """Fills in -1e4 in half precision, where visible scores may be lower."""

    diff = """
    - scores = scores.masked_fill(later, -math.inf)
    + lowest = -1e4 if scores.dtype.itemsize == 2 else -math.inf
    + scores = scores.masked_fill(later, lowest)
    """


class SingleFilledWithLittle:
    """Fills in -1e30 in float32 and bfloat16, where visible scores may be lower."""

    diff = """
    - scores = scores.masked_fill(later, -math.inf)
    + single = scores.dtype in (torch.float32, torch.bfloat16)
    + scores = scores.masked_fill(later, -1e30 if single else -math.inf)
    """


class MaskOfFixedSize:
    """Cuts the mask out of one of 1024 positions, the most that it knows."""

    diff = """
    - later = torch.ones(time, time, dtype=torch.bool, device=x.device).triu(diagonal=1)
    + later = torch.ones(1024, 1024, dtype=torch.bool).triu(diagonal=1)[:time, :time]
    """


class UnmaskedBeyond:
    """Lets the positions from 1024 on see all others."""

    diff = """
    - scores = scores.masked_fill(later, -math.inf)
    + later[1024:] = False
    + scores = scores.masked_fill(later, -math.inf)
    """


class CountedInDtype:
    """Counts positions in the dtype of the values, which has no 257 in bfloat16."""

    diff = """
    - later = torch.ones(time, time, dtype=torch.bool, device=x.device).triu(diagonal=1)
    + positions = torch.arange(time).to(x.dtype)
    + later = positions > positions[:, None]
    """
