"""Exercise 36, a decoder that attends: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _scores(h, keys, w_q, w_k, w_v):
    return torch.tanh((h @ w_q.T)[:, None] + keys @ w_k.T) @ w_v


def _masked(scores, lengths):
    positions = torch.arange(scores.shape[1], device=scores.device)
    return scores.masked_fill(positions >= lengths[:, None], -torch.inf)


def _averaged(weights, values):
    return (weights[:, None] @ values)[:, 0]


def _step(h, context, embedded, gru, weights):
    return _gru_step(torch.cat((context, embedded), dim=-1), h, *gru), weights


def _blocks(x, h, w_ih, w_hh, b_ih, b_hh):
    return zip(
        (x @ w_ih.T + b_ih).chunk(3, dim=-1), (h @ w_hh.T + b_hh).chunk(3, dim=-1), strict=True
    )


class EmbeddingFirst:
    """You seem to put the embedding before the context; w_ih expects [context; embedding]."""

    caught_by = "test_step"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        weights = _weights(h, outputs, lengths, w_q, w_k, w_v)
        return _step(h, embedding[token], _averaged(weights, outputs), gru, weights)


class MaskForgotten:
    """You seem to attend to the padding too: mask what lies at enc_valid_len and beyond."""

    caught_by = "test_weights"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        weights = torch.softmax(_scores(h, outputs, w_q, w_k, w_v), dim=-1)
        return _step(h, _averaged(weights, outputs), embedding[token], gru, weights)


class MaskOneLate:
    """Your mask looks one too late: positions count from 0, so enc_valid_len itself is padding."""

    caught_by = "test_weights"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        weights = _weights(h, outputs, lengths + 1, w_q, w_k, w_v)
        return _step(h, _averaged(weights, outputs), embedding[token], gru, weights)


class MaskedAfterSoftmax:
    """You seem to mask after the softmax, so the weights sum to less than 1; mask the scores."""

    caught_by = "test_weights"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        scores = _scores(h, outputs, w_q, w_k, w_v)
        weights = torch.softmax(scores, dim=-1) * (_masked(scores, lengths) > -torch.inf)
        return _step(h, _averaged(weights, outputs), embedding[token], gru, weights)


class MaskedWithZero:
    """You seem to give the padding a score of 0, but exp(0) is 1; give it minus infinity."""

    caught_by = "test_weights"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        scores = _scores(h, outputs, w_q, w_k, w_v)
        scores = scores.masked_fill(_masked(scores, lengths) == -torch.inf, 0)
        weights = torch.softmax(scores, dim=-1)
        return _step(h, _averaged(weights, outputs), embedding[token], gru, weights)


class MaskTurned:
    """You seem to keep the padding and mask the rest; the first enc_valid_len positions stay."""

    caught_by = "test_weights"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        scores = _scores(h, outputs, w_q, w_k, w_v)
        scores = scores.masked_fill(_masked(scores, lengths) > -torch.inf, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        return _step(h, _averaged(weights, outputs), embedding[token], gru, weights)


class EmbeddingAsks:
    """You seem to use the token's embedding as the query; it is the decoder's state h that asks."""

    caught_by = "test_weights"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        weights = _weights(embedding[token], outputs, lengths, w_q, w_k, w_v)
        return _step(h, _averaged(weights, outputs), embedding[token], gru, weights)


class SwappedWeights:
    """You seem to send the state through w_k and the outputs through w_q; it is the other way."""

    caught_by = "test_weights"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        weights = _weights(h, outputs, lengths, w_k, w_q, w_v)
        return _step(h, _averaged(weights, outputs), embedding[token], gru, weights)


class DotProduct:
    """Your scores look like dot products of state and outputs; use the additive ones, with tanh."""

    caught_by = "test_weights"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        scores = _masked((outputs @ h[:, :, None])[:, :, 0], lengths)
        weights = torch.softmax(scores, dim=-1)
        return _step(h, _averaged(weights, outputs), embedding[token], gru, weights)


class NoTanh:
    """Your scores look linear: take the tanh of the sum before w_v."""

    caught_by = "test_weights"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        scores = ((h @ w_q.T)[:, None] + outputs @ w_k.T) @ w_v
        weights = torch.softmax(_masked(scores, lengths), dim=-1)
        return _step(h, _averaged(weights, outputs), embedding[token], gru, weights)


class SoftmaxOverBatch:
    """Your softmax runs over the batch; the weights of one sample sum to 1 over its positions."""

    caught_by = "test_weights"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        weights = torch.softmax(_masked(_scores(h, outputs, w_q, w_k, w_v), lengths), dim=0)
        return _step(h, _averaged(weights, outputs), embedding[token], gru, weights)


class ScoresForWeights:
    """You seem to return the scores; return their softmax, the weights of the context."""

    caught_by = "test_weights"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        scores = _masked(_scores(h, outputs, w_q, w_k, w_v), lengths)
        weights = torch.softmax(scores, dim=-1)
        state, _ = _step(h, _averaged(weights, outputs), embedding[token], gru, weights)
        return state, scores


class ValuesProjected:
    """You seem to average w_k times the outputs; w_k is for the scores, average the outputs."""

    caught_by = "test_weights"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        weights = _weights(h, outputs, lengths, w_q, w_k, w_v)
        return _step(h, _averaged(weights, outputs @ w_k.T), embedding[token], gru, weights)


class PlainMean:
    """Your context looks like the plain mean of the valid outputs; let the weights average them."""

    caught_by = "test_step"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        weights = _weights(h, outputs, lengths, w_q, w_k, w_v)
        valid = (_masked(outputs[..., 0], lengths) > -torch.inf).to(outputs.dtype)
        context = _averaged(valid / lengths[:, None], outputs)
        return _step(h, context, embedding[token], gru, weights)


class LastOutput:
    """Your context looks like the last valid output alone; average all of them by their weights."""

    caught_by = "test_step"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        weights = _weights(h, outputs, lengths, w_q, w_k, w_v)
        context = outputs[torch.arange(len(h)), lengths - 1]
        return _step(h, context, embedding[token], gru, weights)


class BestOutput:
    """Your context looks like the output of the greatest weight alone; average all of them."""

    caught_by = "test_step"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        weights = _weights(h, outputs, lengths, w_q, w_k, w_v)
        context = outputs[torch.arange(len(h)), weights.argmax(dim=-1)]
        return _step(h, context, embedding[token], gru, weights)


class TokenInBatch:
    """You seem to take row n of the embedding for sample n; take the row of its token."""

    caught_by = "test_weights"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        weights = _weights(h, outputs, lengths, w_q, w_k, w_v)
        embedded = embedding[torch.arange(len(h))]
        return _step(h, _averaged(weights, outputs), embedded, gru, weights)


class TokenByColumn:
    """You seem to take a column of the embedding for each token; its rows belong to the tokens."""

    caught_by = "test_weights"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        weights = _weights(h, outputs, lengths, w_q, w_k, w_v)
        return _step(h, _averaged(weights, outputs), embedding[:, token].T, gru, weights)


class UpdateFirst:
    """Your GRU seems to take the update gate from the first block; the order here is r, z, n."""

    caught_by = "test_step"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        weights = _weights(h, outputs, lengths, w_q, w_k, w_v)
        x = torch.cat((_averaged(weights, outputs), embedding[token]), dim=-1)
        (z_x, z_h), (r_x, r_h), (n_x, n_h) = _blocks(x, h, *gru)
        z = torch.sigmoid(z_x + z_h)
        n = torch.tanh(n_x + torch.sigmoid(r_x + r_h) * n_h)
        return (1 - z) * n + z * h, weights


class UpdateTurned:
    """Your update gate looks turned: z keeps the old state and 1 - z takes the candidate."""

    caught_by = "test_step"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        weights = _weights(h, outputs, lengths, w_q, w_k, w_v)
        x = torch.cat((_averaged(weights, outputs), embedding[token]), dim=-1)
        (r_x, r_h), (z_x, z_h), (n_x, n_h) = _blocks(x, h, *gru)
        z = torch.sigmoid(z_x + z_h)
        n = torch.tanh(n_x + torch.sigmoid(r_x + r_h) * n_h)
        return z * n + (1 - z) * h, weights


class ResetBeforeProduct:
    """You seem to reset the state before w_hn; here the gate weighs w_hn h + b_hn, after it."""

    caught_by = "test_step"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        weights = _weights(h, outputs, lengths, w_q, w_k, w_v)
        x = torch.cat((_averaged(weights, outputs), embedding[token]), dim=-1)
        (r_x, r_h), (z_x, z_h), (n_x, _) = _blocks(x, h, *gru)
        z, r = torch.sigmoid(z_x + z_h), torch.sigmoid(r_x + r_h)
        _, w_hh, _, b_hh = gru
        n = torch.tanh(n_x + (r * h) @ w_hh.chunk(3)[2].T + b_hh.chunk(3)[2])
        return (1 - z) * n + z * h, weights


class ContextForState:
    """You seem to hand the context to the GRU as its state; the state is h, the decoder's own."""

    caught_by = "test_step"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        weights = _weights(h, outputs, lengths, w_q, w_k, w_v)
        context = _averaged(weights, outputs)
        return _step(context, context, embedding[token], gru, weights)


class ContextReturned:
    """You seem to return the context in place of the GRU's new state."""

    caught_by = "test_step"

    def attention_decode_step(token, h, outputs, lengths, embedding, w_q, w_k, w_v, *gru):
        weights = _weights(h, outputs, lengths, w_q, w_k, w_v)
        return _averaged(weights, outputs), weights
