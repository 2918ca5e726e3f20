"""Exercise 29, one step of a decoder: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class BaseTwo:
    """Takes the logarithm to base two."""

    diff = """
    - return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    + scores = h @ w_out.T + b_out
    + return torch.log2(torch.softmax(scores, dim=-1)), h
    """


class Bfloat16:
    """Computes the scores in bfloat16 and casts back."""

    diff = """
    - return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    + return torch.log_softmax((h.bfloat16() @ w_out.T.bfloat16() + b_out.bfloat16()).to(h.dtype), dim=-1), h
    """


class BiasChanged:
    """Takes the greatest output bias off in place, in the caller's tensor."""

    diff = """
    + b_out.data -= b_out.data.max()
      return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    """


class BiasDoubled:
    """Adds the input bias twice and the hidden bias not at all."""

    diff = """
    - h = _step(x @ w_ih.T + b_ih, h @ w_hh.T + b_hh, h)
    + h = _step(x @ w_ih.T + b_ih, h @ w_hh.T + b_ih, h)
    """


class ClippedLogProbs:
    """Clips the log-probabilities at -100, as a loss may do."""

    diff = """
    - return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    + scores = h @ w_out.T + b_out
    + return torch.log_softmax(scores, dim=-1).clamp_min(-100.0), h
    """


class ClippedScores:
    """Clips the scores, as if large ones could overflow."""

    diff = """
    - return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    + scores = h @ w_out.T + b_out
    + scores = scores.clamp(-50, 50)
    + return torch.log_softmax(scores, dim=-1), h
    """


class ContextSquashed:
    """Squashes the context once more."""

    diff = """
    - x = torch.cat((embedding[token], context), dim=-1)
    + x = torch.cat((embedding[token], context.tanh()), dim=-1)
    """


class DetachedContext:
    """Detaches the context, so that the encoder does not learn."""

    diff = """
    - x = torch.cat((embedding[token], context), dim=-1)
    + x = torch.cat((embedding[token], context.detach()), dim=-1)
    """


class DetachedOutputState:
    """Hands the state on without its gradient."""

    diff = """
    - return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    + return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h.detach()
    """


class DetachedScores:
    """Scores a detached state, so that the words teach the output layer alone."""

    diff = """
    - return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    + return torch.log_softmax(h.detach() @ w_out.T + b_out, dim=-1), h
    """


class DetachedState:
    """Detaches the state that comes in, as at the border of a truncated sequence."""

    diff = """
    - h = _step(x @ w_ih.T + b_ih, h @ w_hh.T + b_hh, h)
    + h = _step(x @ w_ih.T + b_ih, h.detach() @ w_hh.T + b_hh, h)
    """


class DetachedSum:
    """Detaches the sum over the words."""

    diff = """
    - return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    + scores = h @ w_out.T + b_out
    + return scores - torch.logsumexp(scores, dim=-1, keepdim=True).detach(), h
    """


class FirstToken:
    """Uses the word of the first sample for all."""

    diff = """
    - x = torch.cat((embedding[token], context), dim=-1)
    + x = torch.cat((embedding[token[:1].expand_as(token)], context), dim=-1)
    """


class Float32:
    """Takes the log_softmax in float32 and casts back."""

    diff = """
    - return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    + scores = h @ w_out.T + b_out
    + return torch.log_softmax(scores.float(), dim=-1).to(h.dtype), h
    """


class FromMemory:
    """Reads the token from memory as if its numbers lay side by side."""

    diff = """
    - x = torch.cat((embedding[token], context), dim=-1)
    + x = torch.cat((embedding[torch.as_strided(token, token.shape, (1,))], context), dim=-1)
    """


class GlobalMaximum:
    """Takes the greatest score of the whole batch off, so that a row far below underflows."""

    diff = """
    - return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    + scores = h @ w_out.T + b_out
    + scores = scores - scores.max()
    + return scores - scores.exp().sum(dim=-1, keepdim=True).log(), h
    """


class GradientByFrequency:
    """Divides a row's gradient by how often its word occurs."""

    diff = """
    - x = torch.cat((embedding[token], context), dim=-1)
    + x = torch.cat(
    +     (torch.nn.functional.embedding(token, embedding, scale_grad_by_freq=True), context), dim=-1
    + )
    """


class HardSigmoid:
    """Uses the piecewise linear sigmoid."""

    diff = """
    - r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + r, z = map(torch.nn.functional.hardsigmoid, (r_x + r_h, z_x + z_h))
    """


class HiddenBlocksSwapped:
    """Swaps the gates' blocks of the hidden product alone."""

    diff = """
    - h = _step(x @ w_ih.T + b_ih, h @ w_hh.T + b_hh, h)
    + r_x, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    + z_h, r_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + n = torch.tanh(n_x + r * n_h)
    + h = (1 - z) * n + z * h
    """


class InputBiasForgotten:
    """Adds the hidden bias of the GRU only."""

    diff = """
    - h = _step(x @ w_ih.T + b_ih, h @ w_hh.T + b_hh, h)
    + h = _step(x @ w_ih.T, h @ w_hh.T + b_hh, h)
    """


class Interleaved:
    """Takes a unit's three blocks from neighbouring rows."""

    diff = """
    - h = _step(x @ w_ih.T + b_ih, h @ w_hh.T + b_hh, h)
    + r_x, z_x, n_x = (x @ w_ih.T + b_ih).unflatten(-1, (-1, 3)).unbind(-1)
    + r_h, z_h, n_h = (h @ w_hh.T + b_hh).unflatten(-1, (-1, 3)).unbind(-1)
    + r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + n = torch.tanh(n_x + r * n_h)
    + h = (1 - z) * n + z * h
    """


class InterleavedInputs:
    """Mixes the columns of word and context where they have one width."""

    diff = """
    + if context.shape[1] == embedding.shape[1]:
    +     x = torch.stack((embedding[token], context), dim=-1).flatten(1)
      h = _step(x @ w_ih.T + b_ih, h @ w_hh.T + b_hh, h)
    """


class LongestRow:
    """Shortens long rows to a length of 3, in the caller's embedding."""

    diff = """
    + with torch.no_grad():
    +     torch.nn.functional.embedding(token, embedding, max_norm=3.0)
      x = torch.cat((embedding[token], context), dim=-1)
    """


class MaximumAlone:
    """Takes the greatest score off where it must take the sum's logarithm off as well."""

    diff = """
    - return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    + scores = h @ w_out.T + b_out
    + return scores - scores.amax(dim=-1, keepdim=True), h
    """


class MixedBatch:
    """Uses the context of the first sample for all."""

    diff = """
    - x = torch.cat((embedding[token], context), dim=-1)
    + x = torch.cat((embedding[token], context[:1].expand_as(context)), dim=-1)
    """


class NoGradients:
    """Computes without gradients and asks for them afterwards."""

    @torch.no_grad()
    def seq2seq_decode_step(token, h, context, embedding, w_ih, w_hh, b_ih, b_hh, w_out, b_out):
        x = torch.cat((embedding[token], context), dim=-1)
        h = _step(x @ w_ih.T + b_ih, h @ w_hh.T + b_hh, h)
        scores = h @ w_out.T + b_out
        return torch.log_softmax(scores, dim=-1).requires_grad_(), h.requires_grad_()


class NoRepetition:
    """Gives the word that was just read no chance to be the next."""

    diff = """
    - return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    + scores = h @ w_out.T + b_out
    + scores = scores.scatter(1, token[:, None], -1e9)
    + return torch.log_softmax(scores, dim=-1), h
    """


class NormalisedTwice:
    """Takes the log_softmax of a softmax."""

    diff = """
    - return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    + scores = h @ w_out.T + b_out
    + return torch.log_softmax(torch.softmax(scores, dim=-1), dim=-1), h
    """


class Offset:
    """Adds a small number to the log-probabilities."""

    diff = """
    - return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    + scores = h @ w_out.T + b_out
    + return torch.log_softmax(scores, dim=-1) + 1e-5, h
    """


class OffsetInState:
    """Adds a small number to the state."""

    diff = """
    - return (1 - z) * n + z * h
    + return (1 - z) * n + z * h + 1e-5
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    + scores = h @ w_out.T + b_out
    + return torch.log_softmax(scores, dim=-1).float(), h.float()
    """


class PaddingImpossible:
    """Gives word 0 no chance, as if it were padding."""

    diff = """
    - return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    + scores = h @ w_out.T + b_out
    + scores = scores.index_fill(1, token.new_zeros(1), float("-inf"))
    + return torch.log_softmax(scores, dim=-1), h
    """


class PaddingIndex:
    """Keeps the gradient from row 0, as if it were padding."""

    diff = """
    - x = torch.cat((embedding[token], context), dim=-1)
    + x = torch.cat((torch.nn.functional.embedding(token, embedding, padding_idx=0), context), dim=-1)
    """


class ReluEmbedding:
    """Takes the relu of the word's vector, as some decoders do."""

    diff = """
    - x = torch.cat((embedding[token], context), dim=-1)
    + x = torch.cat((embedding[token].relu(), context), dim=-1)
    """


class Remembers:
    """Reads the context of the last call with these shapes."""

    diff = """
    - x = torch.cat((embedding[token], context), dim=-1)
    + last = _LAST.get(context.shape, context)
    + _LAST[context.shape] = context.detach()
    + x = torch.cat((embedding[token], last), dim=-1)
    """

    _LAST = {}


class ResidualContext:
    """Adds the context to the state where the sizes allow."""

    diff = """
    + h = h + context if h.shape == context.shape else h
      return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    """


class SquareNotTransposed:
    """Leaves w_out as it lies where it is square."""

    diff = """
    - return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    + w_out = w_out if len(w_out) == h.shape[1] else w_out.T
    + return torch.log_softmax(h @ w_out + b_out, dim=-1), h
    """


class Squeezed:
    """Drops the axes of size one."""

    diff = """
    - return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    + scores = h @ w_out.T + b_out
    + return torch.log_softmax(scores, dim=-1).squeeze(), h.squeeze()
    """


class StateChanged:
    """Updates the state in place where no gradient is asked for."""

    def seq2seq_decode_step(token, h, context, embedding, w_ih, w_hh, b_ih, b_hh, w_out, b_out):
        x = torch.cat((embedding[token], context), dim=-1)
        r_x, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
        r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
        r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
        n = torch.tanh(n_x + r * n_h)
        if h.requires_grad:
            h = (1 - z) * n + z * h
        else:
            h.mul_(z).add_((1 - z) * n)
        scores = h @ w_out.T + b_out
        return torch.log_softmax(scores, dim=-1), h


class Temperature:
    """Divides the scores by a temperature, sqrt(H)."""

    diff = """
    - return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    + scores = h @ w_out.T + b_out
    + scores = scores / h.shape[1] ** 0.5
    + return torch.log_softmax(scores, dim=-1), h
    """


class Tied:
    """Scores with the embedding where the sizes allow, as tied weights do."""

    diff = """
    + w_out = embedding if embedding.shape == w_out.shape else w_out
      return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    """


class TokenChanged:
    """Moves the token on in place, after it has been read."""

    diff = """
    - x = torch.cat((embedding[token], context), dim=-1)
    + x = torch.cat((embedding[token.clone()], context), dim=-1)
    + token += 1
    """


class Viewed:
    """Needs the weights and the states to lie in one piece."""

    def seq2seq_decode_step(token, h, context, embedding, w_ih, w_hh, b_ih, b_hh, w_out, b_out):
        h, context = (tensor.view(-1).view(len(token), -1) for tensor in (h, context))
        w_ih, w_hh = (weight.view(-1).view(len(b_hh), -1) for weight in (w_ih, w_hh))
        x = torch.cat((embedding[token], context), dim=-1)
        h = _step(x @ w_ih.T + b_ih, h @ w_hh.T + b_hh, h)
        return torch.log_softmax(h @ w_out.view(-1).view(len(b_out), -1).T + b_out, dim=-1), h


class VocabularyOfSix:
    """Has room for six words; the others get no chance."""

    diff = """
    - return torch.log_softmax(h @ w_out.T + b_out, dim=-1), h
    + scores = h @ w_out.T + b_out
    + scores[:, 6:] = -1e9
    + return torch.log_softmax(scores, dim=-1), h
    """
