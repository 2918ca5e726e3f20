"""Exercise 29, one step of a decoder: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _read(token, h, context, embedding, w_ih, w_hh, b_ih, b_hh, step=_step):
    """The next state, by a step that may be wrong; `_step` is the reference's."""
    x = torch.cat((embedding[token], context), dim=-1)
    return step(x @ w_ih.T + b_ih, h @ w_hh.T + b_hh, h)


def _scores(h, w_out, b_out):
    return h @ w_out.T + b_out


def _decode(*case, step=_step):
    h = _read(*case[:8], step=step)
    return torch.log_softmax(_scores(h, *case[8:]), dim=-1), h


class RawScores:
    """You seem to return the raw scores; take their log_softmax, so that exp sums to one."""

    caught_by = "test_sum"

    def seq2seq_decode_step(*case):
        h = _read(*case[:8])
        return _scores(h, *case[8:]), h


class Probabilities:
    """You seem to return probabilities; their logarithms are asked for: log_softmax."""

    caught_by = "test_sum"

    def seq2seq_decode_step(*case):
        log_probs, h = _decode(*case)
        return log_probs.exp(), h


class Losses:
    """Your log-probabilities look negated, as in a loss; they are at most 0."""

    caught_by = "test_sum"

    def seq2seq_decode_step(*case):
        log_probs, h = _decode(*case)
        return -log_probs, h


class OverTheBatch:
    """Your softmax seems to run over the batch; it runs over the words, the last axis."""

    caught_by = "test_sum"

    def seq2seq_decode_step(*case):
        h = _read(*case[:8])
        return torch.log_softmax(_scores(h, *case[8:]), dim=0), h


class StateFirst:
    """You seem to return (h', log_probs); the log-probabilities come first."""

    caught_by = "test_sum"

    def seq2seq_decode_step(*case):
        return _decode(*case)[::-1]


class OldState:
    """Your scores seem to come from h, which has not read the word yet; they come from h'."""

    caught_by = "test_half_open"

    def seq2seq_decode_step(*case):
        return torch.log_softmax(_scores(case[1], *case[8:]), dim=-1), _read(*case[:8])


class OldStateReturned:
    """You seem to hand back the h that came in; return the new state, h'."""

    caught_by = "test_half_open"

    def seq2seq_decode_step(*case):
        return _decode(*case)[0], case[1]


class OutputReshaped:
    """You seem to reshape w_out to (H, V), which mixes its rows; transpose it: h' @ w_out.T."""

    caught_by = "test_half_open"

    def seq2seq_decode_step(*case):
        h, (w_out, b_out) = _read(*case[:8]), case[8:]
        return torch.log_softmax(h @ w_out.reshape(h.shape[1], -1) + b_out, dim=-1), h


class OutputBiasForgotten:
    """Your b_out seems to be missing; it makes frequent words likely before anything is read."""

    caught_by = "test_half_open"

    def seq2seq_decode_step(*case):
        return _decode(*case[:9], torch.zeros_like(case[9]))


class SquashedScores:
    """Your scores look squashed by a tanh; the output layer is linear: w_out h' + b_out."""

    caught_by = "test_half_open"

    def seq2seq_decode_step(*case):
        h = _read(*case[:8])
        return torch.log_softmax(torch.tanh(_scores(h, *case[8:])), dim=-1), h


class ContextFirst:
    """You seem to put the context before the word's vector; the vector comes first."""

    caught_by = "test_columns"

    def seq2seq_decode_step(token, h, context, embedding, w_ih, w_hh, b_ih, b_hh, *output):
        x = torch.cat((context, embedding[token]), dim=-1)
        h = _step(x @ w_ih.T + b_ih, h @ w_hh.T + b_hh, h)
        return torch.log_softmax(_scores(h, *output), dim=-1), h


class ContextForgotten:
    """Your GRU seems to do without the context; at every step it is read beside the word."""

    caught_by = "test_step"

    def seq2seq_decode_step(token, h, context, *others):
        return _decode(token, h, torch.zeros_like(context), *others)


class TokensAsNumbers:
    """Your GRU seems to read the numbers of the words; a number is only a name, read its row:
    embedding[token]."""

    caught_by = "test_step"

    def seq2seq_decode_step(token, h, context, embedding, *others):
        numbers = torch.arange(len(embedding), dtype=embedding.dtype, device=embedding.device)
        return _decode(token, h, context, numbers[:, None].expand_as(embedding), *others)


class CountedFromOne:
    """You seem to count words from 1, taking the row before; token k has row k, from 0 on."""

    caught_by = "test_step"

    def seq2seq_decode_step(token, *others):
        return _decode(token - 1, *others)


class PaddingZeroed:
    """The vector of token 0 looks like zeros, as padding has it; here 0 is a word like others."""

    caught_by = "test_step"

    def seq2seq_decode_step(token, h, context, embedding, *others):
        rest = torch.cat((torch.zeros_like(embedding[:1]), embedding[1:]))
        return _decode(token, h, context, rest, *others)


class ScaledEmbedding:
    """Your vectors look scaled by sqrt(D), as in the Transformer; here a row is read as it is."""

    caught_by = "test_step"

    def seq2seq_decode_step(token, h, context, embedding, *others):
        return _decode(token, h, context, embedding * embedding.shape[1] ** 0.5, *others)


class EmbeddingFrozen:
    """No gradient reaches your embedding; it is learned with the rest. Index it as it is, without
    .data, .detach() or from_pretrained, which freezes it."""

    caught_by = "test_gradients"

    def seq2seq_decode_step(token, h, context, embedding, *others):
        return _decode(token, h, context, embedding.detach(), *others)


class UpdateFirst:
    """Your blocks look stacked as z, r, n; here the reset gate comes first: r, z, n."""

    caught_by = "test_step"

    def seq2seq_decode_step(*case):
        def swapped(parameter):
            r, z, n = parameter.chunk(3)
            return torch.cat((z, r, n))

        return _decode(*case[:4], *map(swapped, case[4:8]), *case[8:])


class ResetBeforeProduct:
    """You seem to reset h before the product, as the paper does; torch's GRU resets the product,
    its bias included: r * (W_hn h + b_hn)."""

    caught_by = "test_step"

    def seq2seq_decode_step(*case):
        w_n, b_n = case[5].chunk(3)[2], case[7].chunk(3)[2]

        def step(from_x, from_h, h):
            r_x, z_x, n_x = from_x.chunk(3, dim=-1)
            r_h, z_h, _ = from_h.chunk(3, dim=-1)
            r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
            return (1 - z) * torch.tanh(n_x + (r * h) @ w_n.T + b_n) + z * h

        return _decode(*case, step=step)


class BiasOutsideReset:
    """Your b_hn seems to stand outside the reset gate; it is inside: r * (W_hn h + b_hn)."""

    caught_by = "test_step"

    def seq2seq_decode_step(*case):
        bias = case[7].chunk(3)[2]

        def step(from_x, from_h, h):
            r_x, z_x, n_x = from_x.chunk(3, dim=-1)
            r_h, z_h, n_h = from_h.chunk(3, dim=-1)
            r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
            return (1 - z) * torch.tanh(n_x + bias + r * (n_h - bias)) + z * h

        return _decode(*case, step=step)


class HiddenBiasForgotten:
    """Your b_hh seems to be missing: both of the GRU's biases are added."""

    caught_by = "test_step"

    def seq2seq_decode_step(*case):
        return _decode(*case[:7], torch.zeros_like(case[7]), *case[8:])


class ResetForgotten:
    """Your candidate seems to do without the reset gate; r multiplies what comes from h."""

    caught_by = "test_step"

    def seq2seq_decode_step(*case):
        def step(from_x, from_h, h):
            _, z, n = (from_x + from_h).chunk(3, dim=-1)
            z = torch.sigmoid(z)
            return (1 - z) * torch.tanh(n) + z * h

        return _decode(*case, step=step)


class UpdateInverted:
    """Your update gate looks inverted; a z of 1 keeps the old state: (1 - z) * n + z * h."""

    caught_by = "test_step"

    def seq2seq_decode_step(*case):
        def step(from_x, from_h, h):
            r_x, z_x, n_x = from_x.chunk(3, dim=-1)
            r_h, z_h, n_h = from_h.chunk(3, dim=-1)
            r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
            return z * torch.tanh(n_x + r * n_h) + (1 - z) * h

        return _decode(*case, step=step)


class LogOfSoftmax:
    """You seem to take the logarithm of a softmax: a probability too small for a number becomes 0,
    and its logarithm -inf. log_softmax never makes it that small."""

    caught_by = "test_unlikely"

    def seq2seq_decode_step(*case):
        h = _read(*case[:8])
        return torch.log(torch.softmax(_scores(h, *case[8:]), dim=-1)), h


class OverflowingExp:
    """The exp of your scores overflows; subtract the greatest score of each row first, or let
    log_softmax do it."""

    caught_by = "test_shift"

    def seq2seq_decode_step(*case):
        h = _read(*case[:8])
        scores = _scores(h, *case[8:])
        return scores - scores.exp().sum(dim=-1, keepdim=True).log(), h


class Clamped:
    """You seem to keep probabilities from 0 by a small constant; log_softmax needs none, and is
    exact however unlikely a word is."""

    caught_by = "test_sum"

    def seq2seq_decode_step(*case):
        h = _read(*case[:8])
        return torch.log(torch.softmax(_scores(h, *case[8:]), dim=-1) + 1e-9), h


class OverflowingSigmoid:
    """Your sigmoid overflows: exp(a) / (1 + exp(a)) is inf / inf for a large a; torch.sigmoid knows
    how to avoid it."""

    caught_by = "test_large"

    def seq2seq_decode_step(*case):
        def step(from_x, from_h, h):
            r_x, z_x, n_x = from_x.chunk(3, dim=-1)
            r_h, z_h, n_h = from_h.chunk(3, dim=-1)
            r, z = (torch.exp(a) / (1 + torch.exp(a)) for a in (r_x + r_h, z_x + z_h))
            return (1 - z) * torch.tanh(n_x + r * n_h) + z * h

        return _decode(*case, step=step)
