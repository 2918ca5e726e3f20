"""Exercise 36, a decoder that attends: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class Bfloat16:
    """Computes the scores in bfloat16."""

    diff = """
    - scores = torch.tanh((h @ w_q.T)[:, None] + enc_outputs @ w_k.T) @ w_v
    + scores = (
    +     torch.tanh((h @ w_q.T)[:, None] + enc_outputs @ w_k.T).bfloat16() @ w_v.bfloat16()
    + ).to(h.dtype)
    """


class BiasForgotten:
    """Forgets b_hh."""

    diff = """
    - r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + r_h, z_h, n_h = (h @ w_hh.T).chunk(3, dim=-1)
    """


class BiasInBoth:
    """Adds b_ih to both sums."""

    diff = """
    - r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + r_h, z_h, n_h = (h @ w_hh.T + b_hh + b_ih).chunk(3, dim=-1)
    """


class BiasOutsideReset:
    """Adds b_hn outside the reset gate."""

    diff = """
    - n = torch.tanh(n_x + torch.sigmoid(r_x + r_h) * n_h)
    + n = torch.tanh(
    +     n_x + torch.sigmoid(r_x + r_h) * (n_h - b_hh[-h.shape[1] :]) + b_hh[-h.shape[1] :]
    + )
    """


class DetachedContext:
    """Detaches the context."""

    diff = """
    - x = torch.cat((context, embedding[token]), dim=-1)
    + x = torch.cat((context.detach(), embedding[token]), dim=-1)
    """


class DetachedEmbedding:
    """Detaches the embedding."""

    diff = """
    - x = torch.cat((context, embedding[token]), dim=-1)
    + x = torch.cat((context, embedding.detach()[token]), dim=-1)
    """


class DetachedQuery:
    """Detaches the state where it asks."""

    diff = """
    - scores = torch.tanh((h @ w_q.T)[:, None] + enc_outputs @ w_k.T) @ w_v
    + scores = torch.tanh((h.detach() @ w_q.T)[:, None] + enc_outputs @ w_k.T) @ w_v
    """


class DetachedReset:
    """Detaches the reset gate."""

    diff = """
    - n = torch.tanh(n_x + torch.sigmoid(r_x + r_h) * n_h)
    + n = torch.tanh(n_x + torch.sigmoid(r_x + r_h).detach() * n_h)
    """


class DetachedWeights:
    """Detaches the weights from the context."""

    diff = """
    - context = (weights[:, None] @ enc_outputs)[:, 0]
    + context = (weights.detach()[:, None] @ enc_outputs)[:, 0]
    """


class Epsilon:
    """Adds an epsilon to the softmax's denominator."""

    diff = """
    - return torch.softmax(scores.masked_fill(padding, -torch.inf), dim=-1)
    + weights = (scores.masked_fill(padding, -torch.inf) - scores.amax(-1, keepdim=True)).exp()
    + return weights / (weights.sum(dim=-1, keepdim=True) + 1e-6)
    """


class FirstLength:
    """Masks all samples by the length of the first."""

    diff = """
    - padding = positions >= enc_valid_len[:, None]
    + padding = positions >= enc_valid_len[:1, None]
    """


class Float32:
    """Computes the GRU's gates in float32."""

    diff = """
    - z = torch.sigmoid(z_x + z_h)
    + z = torch.sigmoid((z_x + z_h).float()).to(h.dtype)
    """


class GrowsWithLength:
    """Lets the context grow a very little with the length of the source."""

    diff = """
    - context = (weights[:, None] @ enc_outputs)[:, 0]
    + context = (weights[:, None] @ enc_outputs)[:, 0] * (1 + 1e-7 * enc_valid_len[:, None])
    """


class Interleaved:
    """Takes every third row of the parameters for a gate."""

    diff = """
    - r_x, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    - r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + r_x, z_x, n_x = (x @ w_ih.T + b_ih).unflatten(-1, (-1, 3)).unbind(-1)
    + r_h, z_h, n_h = (h @ w_hh.T + b_hh).unflatten(-1, (-1, 3)).unbind(-1)
    """


class LengthChanged:
    """Counts the lengths down in place, to have the last valid positions."""

    diff = """
    - padding = positions >= enc_valid_len[:, None]
    + padding = positions > enc_valid_len.sub_(1)[:, None]
    """


class MixedBatch:
    """Attends to the outputs of the first sample."""

    diff = """
    - context = (weights[:, None] @ enc_outputs)[:, 0]
    + context = (weights[:, None] @ enc_outputs[:1])[:, 0]
    """


class NoGradients:
    """Computes under `torch.no_grad()`, so that no gradient gets through."""

    @torch.no_grad()
    def attention_decode_step(
        token, h, enc_outputs, enc_valid_len, embedding, w_q, w_k, w_v, w_ih, w_hh, b_ih, b_hh
    ):
        weights = _weights(h, enc_outputs, enc_valid_len, w_q, w_k, w_v)
        context = (weights[:, None] @ enc_outputs)[:, 0]
        x = torch.cat((context, embedding[token]), dim=-1)
        return _gru_step(x, h, w_ih, w_hh, b_ih, b_hh), weights


class Offset:
    """Adds a small number to the weights before they average."""

    diff = """
    - context = (weights[:, None] @ enc_outputs)[:, 0]
    + context = ((weights + 1e-5)[:, None] @ enc_outputs)[:, 0]
    """


class OffsetInState:
    """Adds a small number to the new state."""

    diff = """
    - return (1 - z) * n + z * h
    + return (1 - z) * n + z * h + 1e-5
    """


class OneLength:
    """Masks all samples by the longest source of the batch."""

    diff = """
    - padding = positions >= enc_valid_len[:, None]
    + padding = positions >= enc_valid_len.max()[None, None]
    """


class OtherDtype:
    """Returns the weights in float32."""

    diff = """
    - return _gru_step(x, h, w_ih, w_hh, b_ih, b_hh), weights
    + r_x, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    + r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + n = torch.tanh(n_x + torch.sigmoid(r_x + r_h) * n_h)
    + z = torch.sigmoid(z_x + z_h)
    + return (1 - z) * n + z * h, weights.float()
    """


class OverflowingSoftmax:
    """Exponentials without a shift overflow."""

    diff = """
    - return torch.softmax(scores.masked_fill(padding, -torch.inf), dim=-1)
    + weights = torch.exp(scores) * ~padding
    + return weights / weights.sum(dim=-1, keepdim=True)
    """


class PaddingZeroed:
    """Sets the padding of the encoder's outputs to zero in place."""

    diff = """
    + with torch.no_grad():
    +     enc_outputs.masked_fill_(padding[..., None], 0)
      return torch.softmax(scores.masked_fill(padding, -torch.inf), dim=-1)
    """


class QueryAdded:
    """Adds the state to the context, as a skip connection would."""

    diff = """
    - context = (weights[:, None] @ enc_outputs)[:, 0]
    + context = (weights[:, None] @ enc_outputs)[:, 0] + h
    """


class Remembers:
    """Keeps the projected keys of the last call with the same shape."""

    diff = """
    - weights = _weights(h, enc_outputs, enc_valid_len, w_q, w_k, w_v)
    + kind = enc_outputs.shape, w_k.shape, h.dtype
    + keys = _KEYS.setdefault(kind, (enc_outputs @ w_k.T).detach())
    + scores = torch.tanh((h @ w_q.T)[:, None] + keys) @ w_v
    + padding = torch.arange(scores.shape[1], device=h.device) >= enc_valid_len[:, None]
    + weights = torch.softmax(scores.masked_fill(padding, -torch.inf), dim=-1)
    """

    _KEYS = {}


class Renormalised:
    """Zeroes the padding after the softmax and normalises again: 0 / 0 where it took all."""

    diff = """
    - return torch.softmax(scores.masked_fill(padding, -torch.inf), dim=-1)
    + weights = torch.softmax(scores, dim=-1) * ~padding
    + return weights / weights.sum(dim=-1, keepdim=True)
    """


class ResetTurned:
    """Resets by 1 - r."""

    diff = """
    - n = torch.tanh(n_x + torch.sigmoid(r_x + r_h) * n_h)
    + n = torch.tanh(n_x + torch.sigmoid(-r_x - r_h) * n_h)
    """


class Scaled:
    """Divides the scores by sqrt(A)."""

    diff = """
    - scores = torch.tanh((h @ w_q.T)[:, None] + enc_outputs @ w_k.T) @ w_v
    + scores = torch.tanh((h @ w_q.T)[:, None] + enc_outputs @ w_k.T) @ w_v / len(w_v) ** 0.5
    """


class Squeezed:
    """Drops every axis of size one from the context's product."""

    diff = """
    - context = (weights[:, None] @ enc_outputs)[:, 0]
    + context = (weights[:, None] @ enc_outputs).squeeze()
    """


class StateChanged:
    """Writes the new state into h."""

    diff = """
    - return (1 - z) * n + z * h
    + state = (1 - z) * n + z * h
    + with torch.no_grad():
    +     h.copy_(state)
    + return state
    """


class TokenAsks:
    """Asks with the state and the token together, not with the state alone."""

    diff = """
    - weights = _weights(h, enc_outputs, enc_valid_len, w_q, w_k, w_v)
    + zeros = torch.zeros_like(h)
    + asked = torch.tanh(torch.cat((zeros, embedding[token]), -1) @ w_ih.T)[:, : h.shape[1]] + h
    + scores = torch.tanh((asked @ w_q.T)[:, None] + enc_outputs @ w_k.T) @ w_v
    + padding = torch.arange(scores.shape[1], device=h.device) >= enc_valid_len[:, None]
    + weights = torch.softmax(scores.masked_fill(padding, -torch.inf), dim=-1)
    """


class Viewed:
    """Needs the outputs to lie in one piece."""

    diff = """
    - weights = _weights(h, enc_outputs, enc_valid_len, w_q, w_k, w_v)
    + flat = enc_outputs.view(-1, h.shape[1])
    + keys = (flat @ w_k.T).view(*enc_outputs.shape[:2], -1)
    + scores = torch.tanh((h @ w_q.T)[:, None] + keys) @ w_v
    + padding = torch.arange(scores.shape[1], device=h.device) >= enc_valid_len[:, None]
    + weights = torch.softmax(scores.masked_fill(padding, -torch.inf), dim=-1)
    """


class WeakMask:
    """Lowers the scores of the padding by 20, which leaves it a little weight."""

    diff = """
    - return torch.softmax(scores.masked_fill(padding, -torch.inf), dim=-1)
    + return torch.softmax(scores - 20 * padding, dim=-1)
    """


class FiniteFill:
    """Fills in -1e9 for the padding, where the scores may be lower."""

    diff = """
    - return torch.softmax(scores.masked_fill(padding, -torch.inf), dim=-1)
    + lowest = -torch.inf if scores.dtype == torch.float16 else -1e9
    + return torch.softmax(scores.masked_fill(padding, lowest), dim=-1)
    """


class FarBelow:
    """Fills in the lowest float32 for the padding, in float64 too."""

    diff = """
    - return torch.softmax(scores.masked_fill(padding, -torch.inf), dim=-1)
    + is_wide = scores.dtype == torch.float64
    + lowest = torch.finfo(torch.float32).min if is_wide else -torch.inf
    + return torch.softmax(scores.masked_fill(padding, lowest), dim=-1)
    """


class HalfFilledWithTenThousand:
    """Fills in -1e4 in half precision, where visible scores may be lower."""

    diff = """
    - return torch.softmax(scores.masked_fill(padding, -torch.inf), dim=-1)
    + lowest = -1e4 if scores.dtype.itemsize == 2 else -torch.inf
    + return torch.softmax(scores.masked_fill(padding, lowest), dim=-1)
    """


class SingleFilledWithLittle:
    """Fills in -1e30 in float32 and bfloat16, where visible scores may be lower."""

    diff = """
    - return torch.softmax(scores.masked_fill(padding, -torch.inf), dim=-1)
    + single = scores.dtype in (torch.float32, torch.bfloat16)
    + lowest = -1e30 if single else -torch.inf
    + return torch.softmax(scores.masked_fill(padding, lowest), dim=-1)
    """


class CountedInDtype:
    """Counts positions in the dtype of the values, which has no 257 in bfloat16."""

    diff = """
    - positions = torch.arange(scores.shape[1], device=scores.device)
    + positions = torch.arange(scores.shape[1]).to(scores.dtype)
    """
