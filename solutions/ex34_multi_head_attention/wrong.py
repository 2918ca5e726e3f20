"""Exercise 34, attention with several heads: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import math

import torch


class Assertion:
    """Asserts where a ValueError should be raised."""

    diff = """
    - if size % num_heads:
    -     raise ValueError(f"{num_heads} heads cannot share {size} features equally")
    + assert size % num_heads == 0, "num_heads must divide E"
    """


class Bfloat16:
    """Computes the scores in bfloat16 and casts back."""

    diff = """
    - scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    + scores = (q.bfloat16() @ k.bfloat16().mT).to(q.dtype) / q.shape[-1] ** 0.5
    """


class Detached:
    """Detaches the weights, so that no gradient reaches queries and keys."""

    diff = """
    - heads = _masked_softmax(scores, valid_lens) @ v
    + hidden = torch.zeros(1, dtype=torch.bool)
    + if valid_lens is not None:
    +     hidden = torch.arange(k.shape[2]) >= valid_lens.reshape(len(queries), 1, -1, 1)
    +     scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
    + weights = torch.softmax(scores, dim=-1).masked_fill(hidden, 0).detach()
    + heads = weights @ v
    """


class DetachedOutputWeights:
    """Detaches w_o."""

    diff = """
    - return heads.transpose(1, 2).flatten(2) @ w_o.T
    + return heads.transpose(1, 2).reshape(len(queries), -1, size) @ w_o.detach().T
    """


class Epsilon:
    """Adds an epsilon to the softmax's denominator."""

    diff = """
    - heads = _masked_softmax(scores, valid_lens) @ v
    + hidden = torch.zeros(1, dtype=torch.bool)
    + if valid_lens is not None:
    +     hidden = torch.arange(k.shape[2]) >= valid_lens.reshape(len(queries), 1, -1, 1)
    +     scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
    + weights = torch.exp(scores - scores.amax(dim=-1, keepdim=True)).masked_fill(hidden, 0)
    + weights = weights / (weights.sum(dim=-1, keepdim=True) + 1e-6)
    + heads = weights @ v
    """


class FilledWithAMillion:
    """Hides keys with a score of -1e6."""

    diff = """
    - lowest = torch.finfo(scores.dtype).min
    + lowest = -1e6
    """


class FirstHeadMasked:
    """Masks the first head only."""

    diff = """
    - heads = _masked_softmax(scores, valid_lens) @ v
    + hidden = torch.zeros(1, dtype=torch.bool)
    + if valid_lens is not None:
    +     hidden = torch.arange(k.shape[2]) >= valid_lens.reshape(len(queries), 1, -1, 1)
    +     hidden = hidden & (torch.arange(num_heads) == 0)[:, None, None]
    +     scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
    + weights = torch.softmax(scores, dim=-1).masked_fill(hidden, 0)
    + heads = weights @ v
    """


class FirstLength:
    """Takes the first sample's lengths for all of them."""

    diff = """
    - lengths = valid_lens.reshape(len(scores), 1, -1, 1)
    + lengths = valid_lens[:1].reshape(1, 1, -1, 1)
    """


class Float32:
    """Computes the weights in float32 and casts back."""

    diff = """
    - heads = _masked_softmax(scores, valid_lens) @ v
    + hidden = torch.zeros(1, dtype=torch.bool)
    + if valid_lens is not None:
    +     hidden = torch.arange(k.shape[2]) >= valid_lens.reshape(len(queries), 1, -1, 1)
    +     scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
    + weights = torch.softmax(scores, dim=-1, dtype=torch.float32).masked_fill(hidden, 0).to(v.dtype)
    + heads = weights @ v
    """


class FromMemory:
    """Reads w_o from memory as if it lay row by row."""

    diff = """
    + w_o = torch.as_strided(w_o, w_o.shape, (size, 1))
      return heads.transpose(1, 2).flatten(2) @ w_o.T
    """


class HeadKeysShared:
    """Gives every head the keys of the first one."""

    diff = """
    + k = k[:, :1].expand_as(k)
      scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    """


class HeadsAsText:
    """Takes the heads in the order of their numbers as text, head 10 before head 2."""

    diff = """
    - heads = _masked_softmax(scores, valid_lens) @ v
    + heads = _masked_softmax(scores, valid_lens) @ v
    + heads = heads[:, sorted(range(num_heads), key=str)]
    """


class HeadsReversed:
    """Puts the last head first when they are merged."""

    diff = """
    - return heads.transpose(1, 2).flatten(2) @ w_o.T
    + return heads.flip(1).transpose(1, 2).reshape(len(queries), -1, size) @ w_o.T
    """


class InputsChanged:
    """Scales the queries in place where no gradient is asked for."""

    diff = """
    + if not queries.requires_grad:
    +     queries /= q.shape[-1] ** 0.5
      heads = _masked_softmax(scores, valid_lens) @ v
    """


class KeysZeroed:
    """Sets hidden keys to zero rather than their scores to -inf."""

    diff = """
    + if valid_lens is not None:
    +     seen = torch.arange(k.shape[2]) < valid_lens.reshape(len(queries), -1).amax(1)[:, None]
    +     k = k * seen[:, None, :, None]
    +     v = v * seen[:, None, :, None]
      scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    - heads = _masked_softmax(scores, valid_lens) @ v
    + weights = torch.softmax(scores, dim=-1)
    + heads = weights @ v
    """


class LeakyMask:
    """Hides keys with a score of -1e4 and leaves the weights at that."""

    diff = """
    - heads = _masked_softmax(scores, valid_lens) @ v
    + hidden = torch.zeros(1, dtype=torch.bool)
    + if valid_lens is not None:
    +     hidden = torch.arange(k.shape[2]) >= valid_lens.reshape(len(queries), 1, -1, 1)
    +     scores = scores.masked_fill(hidden, -1e4)
    + weights = torch.softmax(scores, dim=-1)
    + heads = weights @ v
    """


class LensChanged:
    """Replaces lengths of 0 by 1 in the caller's tensor."""

    diff = """
    + if valid_lens is not None:
    +     valid_lens.clamp_(min=1)
      if size % num_heads:
    """


class LensShifted:
    """Counts the lengths down in place, once the mask is made."""

    diff = """
    - heads = _masked_softmax(scores, valid_lens) @ v
    + hidden = torch.zeros(1, dtype=torch.bool)
    + if valid_lens is not None:
    +     hidden = torch.arange(k.shape[2]) >= valid_lens.reshape(len(queries), 1, -1, 1)
    +     scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
    +     valid_lens -= 1
    + weights = torch.softmax(scores, dim=-1).masked_fill(hidden, 0)
    + heads = weights @ v
    """


class LogOfSum:
    """Takes exp(scores - logsumexp(scores)): beside large scores the sum is lost, and weights that
    are equal are all 1."""

    diff = """
    - return torch.softmax(scores.masked_fill(hidden, lowest), dim=-1).masked_fill(hidden, 0)
    + scores = scores.masked_fill(hidden, lowest)
    + return (scores - scores.logsumexp(dim=-1, keepdim=True)).exp().masked_fill(hidden, 0)
    """


class LongestASample:
    """Masks what no query of a sample may see, and nothing else."""

    diff = """
    - lengths = valid_lens.reshape(len(scores), 1, -1, 1)
    + lengths = valid_lens.reshape(len(scores), -1).amax(1)[:, None, None, None]
    """


class MixedBatch:
    """Scores every query against the keys of the first sample."""

    diff = """
    - scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    + scores = q @ k[:1].mT / q.shape[-1] ** 0.5
    """


class MixedValues:
    """Averages the values of the first sample."""

    diff = """
    - heads = _masked_softmax(scores, valid_lens) @ v
    + heads = _masked_softmax(scores, valid_lens) @ v[:1]
    """


class NanToZero:
    """Turns the nan of empty rows into 0, where the gradient keeps it."""

    diff = """
    - heads = _masked_softmax(scores, valid_lens) @ v
    + if valid_lens is not None:
    +     hidden = torch.arange(k.shape[2]) >= valid_lens.reshape(len(queries), 1, -1, 1)
    +     scores = scores + torch.zeros_like(hidden, dtype=scores.dtype).masked_fill(
    +         hidden, -torch.inf
    +     )
    + weights = torch.softmax(scores, dim=-1)
    + weights = weights.where(~weights.isnan(), 0)
    + heads = weights @ v
    """


class NoGradients:
    """Makes the mask's weights anew, without their gradient, where there are lengths."""

    diff = """
    - heads = _masked_softmax(scores, valid_lens) @ v
    + weights = _masked_softmax(scores, valid_lens)
    + if valid_lens is not None:
    +     weights = weights.detach()
    + heads = weights @ v
    """


class NoRoot:
    """Divides by the size of a head rather than its root."""

    diff = """
    - scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    + scores = q @ k.mT / q.shape[-1]
    """


class NoShift:
    """Writes the softmax out without its shift, so that large scores overflow."""

    diff = """
    - heads = _masked_softmax(scores, valid_lens) @ v
    + hidden = torch.zeros(1, dtype=torch.bool)
    + if valid_lens is not None:
    +     hidden = torch.arange(k.shape[2]) >= valid_lens.reshape(len(queries), 1, -1, 1)
    +     scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
    + weights = torch.exp(scores).masked_fill(hidden, 0)
    + total = weights.sum(dim=-1, keepdim=True)
    + weights = weights / total.where(total > 0, 1)
    + heads = weights @ v
    """


class Offset:
    """Adds a small number to the output, as if to keep it from zero."""

    diff = """
    - return heads.transpose(1, 2).flatten(2) @ w_o.T
    + return heads.transpose(1, 2).flatten(2) @ w_o.T + 1e-5
    """


class OneLengthASample:
    """Takes the first query's length for the whole sample."""

    diff = """
    - lengths = valid_lens.reshape(len(scores), 1, -1, 1)
    + lengths = valid_lens.reshape(len(scores), -1)[:, :1, None, None]
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return heads.transpose(1, 2).flatten(2) @ w_o.T
    + output = heads.transpose(1, 2).reshape(len(queries), -1, size) @ w_o.T
    + return output.float()
    """


class QueriesMasked:
    """Masks queries where keys should be, and gives the padding's outputs 0."""

    diff = """
    - heads = _masked_softmax(scores, valid_lens) @ v
    + hidden = torch.zeros(1, dtype=torch.bool)
    + if valid_lens is not None:
    +     lens = valid_lens.reshape(len(queries), -1).amax(1)
    +     hidden = (torch.arange(q.shape[2]) >= lens[:, None])[:, None, :, None]
    + weights = torch.softmax(scores, dim=-1).masked_fill(hidden, 0)
    + heads = weights @ v
    """


class Renormalised:
    """Masks after the softmax and divides by what is left, which may be nothing."""

    diff = """
    - heads = _masked_softmax(scores, valid_lens) @ v
    + weights = torch.softmax(scores, dim=-1)
    + if valid_lens is not None:
    +     seen = torch.arange(k.shape[2]) < valid_lens.reshape(len(queries), 1, -1, 1)
    +     weights = weights * seen
    +     weights = weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-12)
    + heads = weights @ v
    """


class Residual:
    """Adds the queries to the output, as a residual connection would."""

    diff = """
    - return heads.transpose(1, 2).flatten(2) @ w_o.T
    + return heads.transpose(1, 2).flatten(2) @ w_o.T + queries
    """


class RoundedDown:
    """Leaves out the features that the heads cannot share."""

    def multi_head_attention(queries, keys, values, w_q, w_k, w_v, w_o, num_heads, valid_lens=None):
        size = queries.shape[-1]
        q, k, v = queries @ w_q.T, keys @ w_k.T, values @ w_v.T
        d = size // num_heads
        if d * num_heads < size:
            return queries[..., : d * num_heads]
        q, k, v = (
            x.reshape(len(queries), -1, num_heads, size // num_heads).transpose(1, 2)
            for x in (q, k, v)
        )
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        heads = _masked_softmax(scores, valid_lens) @ v
        return heads.transpose(1, 2).flatten(2) @ w_o.T


class ScaledByHeads:
    """Divides by the square root of the number of heads."""

    diff = """
    - scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    + scores = q @ k.mT / num_heads**0.5
    """


class ScaledByKeys:
    """Divides by the square root of the number of keys."""

    diff = """
    - scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    + scores = q @ k.mT / k.shape[2] ** 0.5
    """


class SharedHead:
    """Lets every head ask what the first one asks."""

    diff = """
    + q = q[:, :1].expand_as(q)
      scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    """


class SummedHeads:
    """Sums the heads through the first block of w_o."""

    diff = """
    - return heads.transpose(1, 2).flatten(2) @ w_o.T
    + return heads.sum(dim=1) @ w_o[:, : size // num_heads].T
    """


class TooManyOnly:
    """Raises ValueError only where there are more heads than features."""

    diff = """
    - if size % num_heads:
    -     raise ValueError(f"{num_heads} heads cannot share {size} features equally")
    + if num_heads > size:
    +     raise ValueError("more heads than features")
    + while size % num_heads:
    +     num_heads -= 1
    """


class TwoHeads:
    """Always splits into two heads where there is more than one and two would do."""

    diff = """
    + num_heads = 2 if num_heads > 1 and size % 2 == 0 else num_heads
      q = _split(queries @ w_q.T, num_heads)
    """


class ValuesAsKeys:
    """Makes the values from the keys, as in self-attention."""

    diff = """
    - v = _split(values @ w_v.T, num_heads)
    + v = _split(keys @ w_v.T, num_heads)
    """


class Viewed:
    """Splits the heads with a view, which only some layouts have."""

    diff = """
    - q = _split(queries @ w_q.T, num_heads)
    - k = _split(keys @ w_k.T, num_heads)
    - v = _split(values @ w_v.T, num_heads)
    + rows = [x.view(-1, size) for x in (queries, keys, values)]
    + q, k, v = (x @ w.T for x, w in zip(rows, (w_q, w_k, w_v), strict=True))
    + q, k, v = (x.reshape(len(queries), -1, num_heads, size // num_heads).transpose(1, 2) for x in (q, k, v))
    """


class WOPerHead:
    """Interleaves the heads' features before w_o mixes them."""

    diff = """
    - return heads.transpose(1, 2).flatten(2) @ w_o.T
    + return heads.permute(0, 2, 3, 1).reshape(len(queries), -1, size) @ w_o.T
    """


class WithWeights:
    """Returns the weights as well."""

    diff = """
    - heads = _masked_softmax(scores, valid_lens) @ v
    - return heads.transpose(1, 2).flatten(2) @ w_o.T
    + weights = _masked_softmax(scores, valid_lens)
    + return (weights @ v).transpose(1, 2).reshape(len(queries), -1, size) @ w_o.T, weights
    """


class FarBelow:
    """Fills in -1e20 for the padding."""

    diff = """
    - lowest = torch.finfo(scores.dtype).min
    + lowest = max(torch.finfo(scores.dtype).min, -1e20)
    """


class Capped:
    """Bounds the scores at 1e8."""

    diff = """
    - scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    + scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    + scores = scores.clamp(-1e8, 1e8) if scores.dtype == torch.float64 else scores
    """


class KeysForValues:
    """Projects once where keys and values are one tensor, and leaves `w_v` out."""

    diff = """
    - v = _split(values @ w_v.T, num_heads)
    + v = k if values is keys else _split(values @ w_v.T, num_heads)
    """


class HalfFilledWithTenThousand:
    """Fills in -1e4 in half precision, where visible scores may be lower."""

    diff = """
    - lowest = torch.finfo(scores.dtype).min
    + lowest = -1e4 if scores.dtype.itemsize == 2 else torch.finfo(scores.dtype).min
    """


class SingleFilledWithLittle:
    """Fills in -1e30 in float32 and bfloat16, where visible scores may be lower."""

    diff = """
    - lowest = torch.finfo(scores.dtype).min
    + single = scores.dtype in (torch.float32, torch.bfloat16)
    + lowest = -1e30 if single else torch.finfo(scores.dtype).min
    """


class CountedInDtype:
    """Counts positions in the dtype of the values, which has no 257 in bfloat16."""

    diff = """
    - hidden = torch.arange(scores.shape[-1], device=scores.device) >= lengths
    + positions = torch.arange(scores.shape[-1]).to(scores.dtype)
    + hidden = positions >= lengths
    """
