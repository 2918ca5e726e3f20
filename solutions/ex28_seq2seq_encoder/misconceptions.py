"""Exercise 28, an encoder for sequences: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _read(x, h, w_ih, w_hh, b_ih, b_hh, step=_step):
    """A GRU through the vectors x, with a step that may be wrong; `_step` is the reference's."""
    states = []
    for vectors in x:
        h = step(vectors @ w_ih.T + b_ih, h @ w_hh.T + b_hh, h)
        states.append(h)
    return torch.stack(states), h


def _zeros(tokens, embedding, w_hh):
    return embedding.new_zeros(tokens.shape[1], w_hh.shape[1])


def _encode(tokens, embedding, *parameters, step=_step):
    return _read(
        embedding[tokens], _zeros(tokens, embedding, parameters[1]), *parameters, step=step
    )


class BatchFirst:
    """Your outputs look like (N, T, H); time comes first, as in the tokens: (T, N, H)."""

    caught_by = "test_lookup"

    def seq2seq_encode(tokens, *parameters):
        outputs, context = _encode(tokens, *parameters)
        return outputs.transpose(0, 1), context


class RowsRead:
    """You seem to take a row of `tokens` for a sentence; the sentences are the columns, and the
    first axis is time."""

    caught_by = "test_lookup"

    def seq2seq_encode(tokens, *parameters):
        outputs, context = _encode(tokens.T, *parameters)
        return outputs.transpose(0, 1), context


class FirstState:
    """Your context looks like the first output; it is the last: it has read the whole sentence."""

    caught_by = "test_lookup"

    def seq2seq_encode(*case):
        outputs, _ = _encode(*case)
        return outputs, outputs[0]


class MeanState:
    """Your context looks like the mean of the outputs; here it is the last state alone."""

    caught_by = "test_lookup"

    def seq2seq_encode(*case):
        outputs, _ = _encode(*case)
        return outputs, outputs.mean(dim=0)


class LayerAxis:
    """Your context looks like torch's h_n, (1, N, H), with an axis for layers; it is (N, H)."""

    caught_by = "test_lookup"

    def seq2seq_encode(*case):
        outputs, context = _encode(*case)
        return outputs, context.unsqueeze(0)


class ContextFirst:
    """You seem to return (context, outputs); the outputs come first."""

    caught_by = "test_lookup"

    def seq2seq_encode(*case):
        return _encode(*case)[::-1]


class StartsFromOnes:
    """Your first state looks like ones; before the first word the state is zero."""

    caught_by = "test_lookup"

    def seq2seq_encode(tokens, embedding, *parameters):
        ones = _zeros(tokens, embedding, parameters[1]) + 1
        return _read(embedding[tokens], ones, *parameters)


class ReadBackwards:
    """You seem to read each sentence from its end; here the first word is read first."""

    caught_by = "test_lookup"

    def seq2seq_encode(tokens, *parameters):
        return _encode(tokens.flip(0), *parameters)


class StateForgotten:
    """Every word of yours seems to meet a fresh state of zeros; it meets the state that the word
    before has left."""

    caught_by = "test_lookup"

    def seq2seq_encode(tokens, *parameters):
        outputs = torch.stack([_encode(row[None], *parameters)[1] for row in tokens])
        return outputs, outputs[-1]


class TokensAsNumbers:
    """Your GRU seems to read the numbers of the words; a number is only a name, read its row:
    embedding[tokens]."""

    caught_by = "test_lookup"

    def seq2seq_encode(tokens, embedding, *parameters):
        x = tokens[..., None].to(embedding.dtype).expand(-1, -1, embedding.shape[1])
        return _read(x, _zeros(tokens, embedding, parameters[1]), *parameters)


class CountedFromOne:
    """You seem to count words from 1, taking the row before; token k has row k, from 0 on."""

    caught_by = "test_lookup"

    def seq2seq_encode(tokens, *parameters):
        return _encode(tokens - 1, *parameters)


class RowAfter:
    """You seem to leave row 0 for the padding, taking the row after; token k has row k here."""

    caught_by = "test_lookup"

    def seq2seq_encode(tokens, embedding, *parameters):
        return _encode((tokens + 1) % len(embedding), embedding, *parameters)


class PaddingZeroed:
    """The vector of token 0 looks like zeros, as padding has it; here 0 is a word like others."""

    caught_by = "test_lookup"

    def seq2seq_encode(tokens, embedding, *parameters):
        others = torch.cat((torch.zeros_like(embedding[:1]), embedding[1:]))
        return _encode(tokens, others, *parameters)


class ScaledEmbedding:
    """Your vectors look scaled by sqrt(D), as in the Transformer; here a row is read as it is."""

    caught_by = "test_lookup"

    def seq2seq_encode(tokens, embedding, *parameters):
        return _encode(tokens, embedding * embedding.shape[1] ** 0.5, *parameters)


class EmbeddingFrozen:
    """No gradient reaches your embedding; it is learned with the rest. Index it as it is, without
    .data, .detach() or from_pretrained, which freezes it."""

    caught_by = "test_gradients"

    def seq2seq_encode(tokens, embedding, *parameters):
        return _encode(tokens, embedding.detach(), *parameters)


class UpdateFirst:
    """Your blocks look stacked as z, r, n; here the reset gate comes first: r, z, n."""

    caught_by = "test_sequence"

    def seq2seq_encode(tokens, embedding, *parameters):
        def swapped(parameter):
            r, z, n = parameter.chunk(3)
            return torch.cat((z, r, n))

        return _encode(tokens, embedding, *map(swapped, parameters))


class ResetBeforeProduct:
    """You seem to reset h before the product, as the paper does; torch's GRU resets the product,
    its bias included: r * (W_hn h + b_hn)."""

    caught_by = "test_sequence"

    def seq2seq_encode(tokens, embedding, w_ih, w_hh, b_ih, b_hh):
        def step(from_x, from_h, h):
            r_x, z_x, n_x = from_x.chunk(3, dim=-1)
            r_h, z_h, _ = from_h.chunk(3, dim=-1)
            r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
            n = torch.tanh(n_x + (r * h) @ w_hh.chunk(3)[2].T + b_hh.chunk(3)[2])
            return (1 - z) * n + z * h

        return _encode(tokens, embedding, w_ih, w_hh, b_ih, b_hh, step=step)


class BiasOutsideReset:
    """Your b_hn seems to stand outside the reset gate; it is inside: r * (W_hn h + b_hn)."""

    caught_by = "test_sequence"

    def seq2seq_encode(tokens, embedding, w_ih, w_hh, b_ih, b_hh):
        gates = 2 * w_hh.shape[1]
        zeros = torch.zeros_like
        b_ih = b_ih + torch.cat((zeros(b_hh[:gates]), b_hh[gates:]))
        b_hh = torch.cat((b_hh[:gates], zeros(b_hh[gates:])))
        return _encode(tokens, embedding, w_ih, w_hh, b_ih, b_hh)


class HiddenBiasForgotten:
    """Your b_hh seems to be missing: both biases are added."""

    caught_by = "test_sequence"

    def seq2seq_encode(*case):
        return _encode(*case[:-1], torch.zeros_like(case[-1]))


class ResetForgotten:
    """Your candidate seems to do without the reset gate; r multiplies what comes from h."""

    caught_by = "test_sequence"

    def seq2seq_encode(*case):
        def step(from_x, from_h, h):
            _, z, n = (from_x + from_h).chunk(3, dim=-1)
            z = torch.sigmoid(z)
            return (1 - z) * torch.tanh(n) + z * h

        return _encode(*case, step=step)


class UpdateInverted:
    """Your update gate looks inverted; a z of 1 keeps the old state: (1 - z) * n + z * h."""

    caught_by = "test_sequence"

    def seq2seq_encode(*case):
        def step(from_x, from_h, h):
            r_x, z_x, n_x = from_x.chunk(3, dim=-1)
            r_h, z_h, n_h = from_h.chunk(3, dim=-1)
            r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
            return z * torch.tanh(n_x + r * n_h) + (1 - z) * h

        return _encode(*case, step=step)


class OverflowingSigmoid:
    """Your sigmoid overflows: exp(a) / (1 + exp(a)) is inf / inf for a large a; torch.sigmoid knows
    how to avoid it."""

    caught_by = "test_large"

    def seq2seq_encode(*case):
        def step(from_x, from_h, h):
            r_x, z_x, n_x = from_x.chunk(3, dim=-1)
            r_h, z_h, n_h = from_h.chunk(3, dim=-1)
            r, z = (torch.exp(a) / (1 + torch.exp(a)) for a in (r_x + r_h, z_x + z_h))
            return (1 - z) * torch.tanh(n_x + r * n_h) + z * h

        return _encode(*case, step=step)
