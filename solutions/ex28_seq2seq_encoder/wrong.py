"""Exercise 28, an encoder for sequences: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class BatchMean:
    """Normalises the vectors over the batch."""

    diff = """
    + x = x - x.mean(dim=1, keepdim=True)
      h = embedding.new_zeros(tokens.shape[1], w_hh.shape[1])
    """


class Bfloat16:
    """Computes the products with the words in bfloat16 and casts back."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     h = _step(from_x, h @ w_hh.T + b_hh, h)
    + for step in x:
    +     h = _step(step.bfloat16() @ w_ih.T.bfloat16()).to(h.dtype).add(b_ih, h @ w_hh.T + b_hh, h)
    """


class BiasChanged:
    """Sums the gates' biases in place, in the caller's tensor."""

    diff = """
    + gates = 2 * w_hh.shape[1]
    + b_ih.data[:gates] += b_hh[:gates]
      h = embedding.new_zeros(tokens.shape[1], w_hh.shape[1])
      states = []
    - for from_x in x @ w_ih.T + b_ih:
    -     h = _step(from_x, h @ w_hh.T + b_hh, h)
    + for step in x:
    +     r_x, z_x, n_x = (step @ w_ih.T + b_ih).chunk(3, dim=-1)
    +     r_h, z_h, n_h = (h @ w_hh.T).chunk(3, dim=-1)
    +     r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    +     n = torch.tanh(n_x + r * (n_h + b_hh[gates:]))
    +     h = (1 - z) * n + z * h
    """


class BiasDoubled:
    """Adds the input bias twice and the hidden bias not at all."""

    diff = """
    - h = _step(from_x, h @ w_hh.T + b_hh, h)
    + h = _step(from_x, h @ w_hh.T + b_ih, h)
    """


class Clipped:
    """Clips the vectors, as if a large one could overflow."""

    diff = """
    - x = embedding[tokens]
    + x = embedding[tokens].clamp(-10, 10)
    """


class ContextSquashed:
    """Squashes the context once more, as for a decoder's first state."""

    diff = """
    - return torch.stack(states), h
    + return torch.stack(states), torch.tanh(h)
    """


class DetachedBetweenSteps:
    """Detaches the state between the steps, as at the border of a truncated sequence."""

    diff = """
    - h = _step(from_x, h @ w_hh.T + b_hh, h)
    + h = _step(from_x, h.detach() @ w_hh.T + b_hh, h)
    """


class DetachedContext:
    """Hands the context on without its gradient."""

    diff = """
    - return torch.stack(states), h
    + return torch.stack(states), h.detach()
    """


class DetachedGate:
    """Detaches the update gate."""

    diff = """
    - r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h).detach()
    """


class DetachedOutputs:
    """Stacks detached states, so that gradients come through the context alone."""

    diff = """
    - states.append(h)
    + states.append(h.detach())
    """


class DistinctWords:
    """Reads a word that is repeated only once."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     h = _step(from_x, h @ w_hh.T + b_hh, h)
    + for t, step in enumerate(x):
    +     old = h
    +     h = _step(step @ w_ih.T + b_ih, h @ w_hh.T + b_hh, h)
    +     same = (tokens[t] == tokens[t - 1]) & (t > 0)
    +     h = torch.where(same[:, None], old, h)
    """


class EightWords:
    """Reads eight words at most; the rest is not put out."""

    diff = """
    + x = x[:8]
      for from_x in x @ w_ih.T + b_ih:
    """


class EmbeddingChanged:
    """Centres the embedding in the caller's tensor, after it has read it."""

    diff = """
    + embedding.data -= embedding.data.mean(dim=0)
      h = embedding.new_zeros(tokens.shape[1], w_hh.shape[1])
    """


class EndToken:
    """Stops reading a sentence at the last word of the vocabulary."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     h = _step(from_x, h @ w_hh.T + b_hh, h)
    + done = torch.zeros_like(tokens[0], dtype=torch.bool)
    + for step, token in zip(x, tokens, strict=True):
    +     old = h
    +     h = _step(step @ w_ih.T + b_ih, h @ w_hh.T + b_hh, h)
    +     h = torch.where(done[:, None], old, h)
    +     done = done | (token == len(embedding) - 1)
    """


class Float32:
    """Looks the vectors up in float32 and casts back."""

    diff = """
    - x = embedding[tokens]
    + x = embedding.float()[tokens].to(embedding.dtype)
    """


class FromMemory:
    """Reads the embedding from memory as if it lay row by row."""

    diff = """
    - x = embedding[tokens]
    + x = torch.as_strided(embedding, embedding.shape, (embedding.shape[1], 1))[tokens]
    """


class GradientByFrequency:
    """Divides a row's gradient by how often its word occurs."""

    diff = """
    - x = embedding[tokens]
    + x = torch.nn.functional.embedding(tokens, embedding, scale_grad_by_freq=True)
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
    - for from_x in x @ w_ih.T + b_ih:
    -     h = _step(from_x, h @ w_hh.T + b_hh, h)
    + for step in x:
    +     r_x, z_x, n_x = (step @ w_ih.T + b_ih).chunk(3, dim=-1)
    +     z_h, r_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    +     r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    +     n = torch.tanh(n_x + r * n_h)
    +     h = (1 - z) * n + z * h
    """


class InputBiasForgotten:
    """Adds the hidden bias only."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     h = _step(from_x, h @ w_hh.T + b_hh, h)
    + for step in x:
    +     h = _step(step @ w_ih.T, h @ w_hh.T + b_hh, h)
    """


class Interleaved:
    """Takes a unit's three blocks from neighbouring rows."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     h = _step(from_x, h @ w_hh.T + b_hh, h)
    + for step in x:
    +     r_x, z_x, n_x = (step @ w_ih.T + b_ih).unflatten(-1, (-1, 3)).unbind(-1)
    +     r_h, z_h, n_h = (h @ w_hh.T + b_hh).unflatten(-1, (-1, 3)).unbind(-1)
    +     r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    +     n = torch.tanh(n_x + r * n_h)
    +     h = (1 - z) * n + z * h
    """


class LastRowPadding:
    """Keeps the gradient from the last row, as if it were padding."""

    diff = """
    - x = embedding[tokens]
    + x = torch.nn.functional.embedding(tokens, embedding, padding_idx=-1)
    """


class LongestRow:
    """Shortens long rows to a length of 3, in the caller's embedding."""

    diff = """
    + with torch.no_grad():
    +     torch.nn.functional.embedding(tokens, embedding, max_norm=3.0)
      x = embedding[tokens]
    """


class MixedBatch:
    """Has every sentence begin with the first sentence's first word."""

    diff = """
    + x = torch.cat((x[:1, :1].expand_as(x[:1]), x[1:]))
      h = embedding.new_zeros(tokens.shape[1], w_hh.shape[1])
    """


class NoGradients:
    """Computes without gradients and asks for them afterwards."""

    @torch.no_grad()
    def seq2seq_encode(tokens, embedding, w_ih, w_hh, b_ih, b_hh):
        x = embedding[tokens]
        h = embedding.new_zeros(tokens.shape[1], w_hh.shape[1])
        states = []
        for from_x in x @ w_ih.T + b_ih:
            h = _step(from_x, h @ w_hh.T + b_hh, h)
            states.append(h)
        return torch.stack(states).requires_grad_(), h.requires_grad_()


class Offset:
    """Adds a small number to the state, as if to keep it from vanishing."""

    diff = """
    - return (1 - z) * n + z * h
    + return (1 - z) * n + z * h + 1e-5
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return torch.stack(states), h
    + return torch.stack(states).float(), h.float()
    """


class PaddingIndex:
    """Keeps the gradient from row 0, as if it were padding."""

    diff = """
    - x = embedding[tokens]
    + x = torch.nn.functional.embedding(tokens, embedding, padding_idx=0)
    """


class PaddingSkipped:
    """Keeps the state where the token is 0, as if it were padding."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     h = _step(from_x, h @ w_hh.T + b_hh, h)
    + for step, token in zip(x, tokens, strict=True):
    +     old = h
    +     h = _step(step @ w_ih.T + b_ih, h @ w_hh.T + b_hh, h)
    +     h = torch.where(token[:, None] == 0, old, h)
    """


class Positional:
    """Adds the time to the vectors."""

    diff = """
    + x = x + torch.arange(len(x), dtype=x.dtype)[:, None, None] / 10000
      h = embedding.new_zeros(tokens.shape[1], w_hh.shape[1])
    """


class RandomStart:
    """Starts from a state of small random numbers."""

    diff = """
    - h = embedding.new_zeros(tokens.shape[1], w_hh.shape[1])
    + h = 1e-3 * torch.randn(x.shape[1], w_hh.shape[1], dtype=x.dtype)
    """


class Remembers:
    """Starts from the state that the last call with these shapes has left."""

    diff = """
    + h = _LAST.get(h.shape, h)
      states = []

    + _LAST[h.shape] = h.detach()
      return torch.stack(states), h
    """

    _LAST = {}


class ResetIsUpdate:
    """Uses the update gate in place of the reset gate."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     h = _step(from_x, h @ w_hh.T + b_hh, h)
    + for step in x:
    +     _, z_x, n_x = (step @ w_ih.T + b_ih).chunk(3, dim=-1)
    +     _, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    +     z = torch.sigmoid(z_x + z_h)
    +     n = torch.tanh(n_x + z * n_h)
    +     h = (1 - z) * n + z * h
    """


class Residual:
    """Adds the vectors to the outputs where the sizes allow."""

    diff = """
    - return torch.stack(states), h
    + return torch.stack(states) + (x if x.shape[2] == h.shape[1] else 0), h
    """


class RowsMean:
    """Centres the embedding over the vocabulary."""

    diff = """
    - x = embedding[tokens]
    + x = (embedding - embedding.mean(dim=0))[tokens]
    """


class Squeezed:
    """Drops the axes of size one."""

    diff = """
    - return torch.stack(states), h
    + return torch.stack(states).squeeze(), h.squeeze()
    """


class StatesBefore:
    """Puts out the state before each word, not after it."""

    diff = """
    + states.append(h)
      h = _step(from_x, h @ w_hh.T + b_hh, h)
    - states.append(h)
    """


class TokensChanged:
    """Changes the tokens in place while it looks them up."""

    diff = """
    - x = embedding[tokens]
    + x = embedding[tokens.remainder_(len(embedding))]
    + tokens += 1
    """


class Truncated:
    """Lets gradients through the last eight steps alone."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     h = _step(from_x, h @ w_hh.T + b_hh, h)
    + for t, step in enumerate(x):
    +     h = h.detach() if t == len(x) - 8 else h
    +     h = _step(step @ w_ih.T + b_ih, h @ w_hh.T + b_hh, h)
    """


class Viewed:
    """Needs the tokens to lie in one piece."""

    diff = """
    - x = embedding[tokens]
    + x = embedding[tokens.view(-1)].view(*tokens.shape, -1)
    """
