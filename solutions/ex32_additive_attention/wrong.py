"""Exercise 32, additive attention: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class BatchMean:
    """Takes the mean of the keys' hidden values over the batch."""

    diff = """
    - asked, offered = queries @ w_q.T, keys @ w_k.T
    + asked, offered = queries @ w_q.T, (keys @ w_k.T).mean(0, keepdim=True).expand(len(keys), -1, -1)
    """


class Bfloat16:
    """Computes in bfloat16 and casts back."""

    def additive_scores(queries, keys, w_q, w_k, w_v):
        asked, offered = queries.bfloat16() @ w_q.bfloat16().T, keys.bfloat16() @ w_k.bfloat16().T
        hidden = torch.tanh(asked[:, :, None] + offered[:, None])
        return (hidden @ w_v.bfloat16()).to(queries.dtype)


class ClippedInside:
    """Clips the sum before the tanh, as if it might overflow."""

    diff = """
    - hidden = torch.tanh(asked[:, :, None] + offered[:, None])
    + hidden = torch.tanh((asked[:, :, None] + offered[:, None]).clamp(-3, 3))
    """


class DetachedKeys:
    """Detaches the keys, so that only w_k gets a gradient through them."""

    diff = """
    - asked, offered = queries @ w_q.T, keys @ w_k.T
    + asked, offered = queries @ w_q.T, keys.detach() @ w_k.T
    """


class DetachedOutput:
    """Detaches w_v."""

    diff = """
    - return hidden @ w_v
    + return hidden @ w_v.detach()
    """


class DetachedQueries:
    """Detaches the queries' hidden values."""

    diff = """
    - asked, offered = queries @ w_q.T, keys @ w_k.T
    + asked, offered = (queries @ w_q.T).detach(), keys @ w_k.T
    """


class FlattenedSwap:
    """Repeats queries and keys so that the flattened pairs come out with the keys first."""

    def additive_scores(queries, keys, w_q, w_k, w_v):
        asked, offered = queries @ w_q.T, keys @ w_k.T
        pairs = asked.repeat(1, keys.shape[1], 1) + offered.repeat_interleave(queries.shape[1], 1)
        return (torch.tanh(pairs) @ w_v).reshape(len(queries), queries.shape[1], keys.shape[1])


class Float32:
    """Computes in float32 and casts back."""

    def additive_scores(queries, keys, w_q, w_k, w_v):
        asked, offered = queries.float() @ w_q.float().T, keys.float() @ w_k.float().T
        hidden = torch.tanh(asked[:, :, None] + offered[:, None])
        return (hidden @ w_v.float()).to(queries.dtype)


class HardTanh:
    """Clips to [-1, 1] instead of the tanh."""

    diff = """
    - hidden = torch.tanh(asked[:, :, None] + offered[:, None])
    + hidden = (asked[:, :, None] + offered[:, None]).clamp(-1, 1)
    """


class InputsChanged:
    """Centres the queries in place and adds the mean back to the result's hidden values."""

    def additive_scores(queries, keys, w_q, w_k, w_v):
        with torch.no_grad():
            mean = queries.mean(dim=1, keepdim=True)
            if not queries.requires_grad:
                queries -= mean
            else:
                mean = torch.zeros_like(mean)
        asked, offered = (queries + mean) @ w_q.T, keys @ w_k.T
        return torch.tanh(asked[:, :, None] + offered[:, None]) @ w_v


class LastUnitDropped:
    """Forgets the last hidden unit where there are more than two."""

    diff = """
    - return hidden @ w_v
    + return hidden[..., :-1] @ w_v[:-1] if len(w_v) > 2 else hidden @ w_v
    """


class MixedBatch:
    """Scores every query against the keys of the first sample."""

    diff = """
    - asked, offered = queries @ w_q.T, keys @ w_k.T
    + asked, offered = queries @ w_q.T, keys[:1] @ w_k.T
    """


class NoGradients:
    """Computes under `torch.no_grad()`, so that no gradient gets through."""

    @torch.no_grad()
    def additive_scores(queries, keys, w_q, w_k, w_v):
        asked, offered = queries @ w_q.T, keys @ w_k.T
        hidden = torch.tanh(asked[:, :, None] + offered[:, None])
        return hidden @ w_v


class NormalisedOutput:
    """Normalises w_v to length 1."""

    diff = """
    - return hidden @ w_v
    + return hidden @ (w_v / w_v.norm().clamp(min=1e-12))
    """


class Offset:
    """Adds a small number to the scores, as if to avoid a division by zero."""

    diff = """
    - return hidden @ w_v
    + return hidden @ w_v + 1e-5
    """


class OffsetInside:
    """Adds a small number before the tanh."""

    diff = """
    - hidden = torch.tanh(asked[:, :, None] + offered[:, None])
    + hidden = torch.tanh(asked[:, :, None] + offered[:, None] + 1e-5)
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return hidden @ w_v
    + return (hidden @ w_v).float()
    """


class OverflowingTanh:
    """Writes the tanh with exponentials that overflow."""

    diff = """
    - hidden = torch.tanh(asked[:, :, None] + offered[:, None])
    + hidden = _tanh(asked[:, :, None] + offered[:, None])
    """

    def _tanh(x):
        return (torch.exp(x) - torch.exp(-x)) / (torch.exp(x) + torch.exp(-x))


class Remembers:
    """Keeps the keys' hidden values of the last call with the same keys' shape."""

    _OFFERED = {}

    def additive_scores(queries, keys, w_q, w_k, w_v):
        if keys.shape not in _OFFERED:
            _OFFERED[keys.shape] = (keys @ w_k.T).detach()
        offered = _OFFERED[keys.shape]
        if offered.shape[-1] != len(w_k) or offered.dtype != keys.dtype:
            offered = keys @ w_k.T
        return torch.tanh((queries @ w_q.T)[:, :, None] + offered[:, None]) @ w_v


class ReshapedWeights:
    """Reshapes w_q to (Dq, H) where it should be transposed."""

    diff = """
    - asked, offered = queries @ w_q.T, keys @ w_k.T
    + asked, offered = queries @ w_q.reshape(queries.shape[-1], -1), keys @ w_k.T
    """


class Shifted:
    """Subtracts each row's greatest score, which a softmax would not notice."""

    diff = """
    - return hidden @ w_v
    + return hidden @ w_v - (hidden @ w_v).amax(-1, keepdim=True)
    """


class Softsign:
    """Squashes by x / (1 + |x|)."""

    diff = """
    - hidden = torch.tanh(asked[:, :, None] + offered[:, None])
    + hidden = torch.nn.functional.softsign(asked[:, :, None] + offered[:, None])
    """


class Squeezed:
    """Drops an axis of size one."""

    diff = """
    - return hidden @ w_v
    + return (hidden @ w_v).squeeze()
    """


class Viewed:
    """Needs queries and keys to lie in one piece."""

    diff = """
    - asked, offered = queries @ w_q.T, keys @ w_k.T
    + asked, offered = (
    +     queries.view(-1, queries.shape[2]).mm(w_q.T).view(*queries.shape[:2], -1),
    +     keys.view(-1, keys.shape[2]).mm(w_k.T).view(*keys.shape[:2], -1),
    + )
    """
