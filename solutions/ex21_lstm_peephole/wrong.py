"""Exercise 21, an LSTM with peepholes: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class BatchMean:
    """Lets the output gate see the mean cell of the batch."""

    diff = """
    - o = torch.sigmoid(o + p_o * c_next)
    + o = torch.sigmoid(o + p_o * c_next.mean(dim=0))
    """


class Bfloat16:
    """Computes the products in bfloat16 and casts back."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(4, dim=-1)
    + low = (x.bfloat16() @ w_ih.bfloat16().T + h.bfloat16() @ w_hh.bfloat16().T).to(c.dtype)
    + i, f, g, o = (low + b).chunk(4, dim=-1)
    """


class BiasChanged:
    """Adds the peepholes of the forget gate into the caller's bias, and takes them off again."""

    diff = """
    + hidden = c.shape[1]
    + b.data[hidden : 2 * hidden] += p_f
      i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(4, dim=-1)
    + f = f - p_f
      i = torch.sigmoid(i + p_i * c)

    + b.data[hidden : 2 * hidden] -= p_f
      o = torch.sigmoid(o + p_o * c_next)
    """


class CandidateSees:
    """Lets the candidate see the cell too, through the input gate's peephole."""

    diff = """
    - c_next = f * c + i * torch.tanh(g)
    + c_next = f * c + i * torch.tanh(g + p_i * c)
    """


class CellChanged:
    """Updates the cell in place where no gradient is asked for."""

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
        i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(4, dim=-1)
        i, f = torch.sigmoid(i + p_i * c), torch.sigmoid(f + p_f * c)
        if c.requires_grad:
            c = f * c
        else:
            c *= f
        c = c + i * torch.tanh(g)
        return torch.sigmoid(o + p_o * c) * torch.tanh(c), c


class CellViewed:
    """Needs the cell to lie in one piece."""

    diff = """
    - i = torch.sigmoid(i + p_i * c)
    - f = torch.sigmoid(f + p_f * c)
    + seen = c.view(-1).view(c.shape)
    + i = torch.sigmoid(i + p_i * seen)
    + f = torch.sigmoid(f + p_f * seen)
    """


class ClippedBlocks:
    """Clips what goes into the output gate at 10, as if a sigmoid could overflow."""

    diff = """
    - o = torch.sigmoid(o + p_o * c_next)
    - return o * torch.tanh(c_next), c_next
    + return torch.sigmoid((o + p_o * c_next).clamp(-10, 10)) * torch.tanh(c_next), c_next
    """


class ClippedCell:
    """Lets the gates see a cell clipped to 3."""

    diff = """
    - i = torch.sigmoid(i + p_i * c)
    - f = torch.sigmoid(f + p_f * c)
    + i = torch.sigmoid(i + p_i * c.clamp(-3, 3))
    + f = torch.sigmoid(f + p_f * c.clamp(-3, 3))
    """


class DetachedCell:
    """Detaches the cell that is carried."""

    diff = """
    - c_next = f * c + i * torch.tanh(g)
    + c_next = f * c.detach() + i * torch.tanh(g)
    """


class DetachedHidden:
    """Detaches the hidden state, as at the border of a truncated sequence."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(4, dim=-1)
    + i, f, g, o = (x @ w_ih.T + h.detach() @ w_hh.T + b).chunk(4, dim=-1)
    """


class DetachedOutput:
    """Lets the output gate look at a detached cell."""

    diff = """
    - o = torch.sigmoid(o + p_o * c_next)
    + o = torch.sigmoid(o + p_o * c_next.detach())
    """


class DetachedPeepholes:
    """Looks at a detached cell, as some speech models do to save memory."""

    diff = """
    - i = torch.sigmoid(i + p_i * c)
    - f = torch.sigmoid(f + p_f * c)
    + i = torch.sigmoid(i + p_i * c.detach())
    + f = torch.sigmoid(f + p_f * c.detach())
    """


class Float32:
    """Computes what the output gate sees in float32 and casts back."""

    diff = """
    - o = torch.sigmoid(o + p_o * c_next)
    - return o * torch.tanh(c_next), c_next
    + return torch.sigmoid(o + (p_o.float() * c_next.float()).to(c_next.dtype)) * torch.tanh(c_next), c_next
    """


class ForgetBlind:
    """Leaves the forget gate without its peephole."""

    diff = """
    - f = torch.sigmoid(f + p_f * c)
    + f = torch.sigmoid(f)
    """


class GatesSwapped:
    """Takes the output gate from the first block and the input gate from the last."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(4, dim=-1)
    + o, f, g, i = (x @ w_ih.T + h @ w_hh.T + b).chunk(4, dim=-1)
    """


class HiddenNotRead:
    """Leaves the hidden state out of the gates."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(4, dim=-1)
    + i, f, g, o = (x @ w_ih.T + b).chunk(4, dim=-1)
    """


class InputBlind:
    """Leaves the input gate without its peephole."""

    diff = """
    - i = torch.sigmoid(i + p_i * c)
    + i = torch.sigmoid(i)
    """


class Interleaved:
    """Takes a unit's four blocks from neighbouring rows."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(4, dim=-1)
    + rows = x @ w_ih.T + h @ w_hh.T + b
    + i, f, g, o = rows.unflatten(-1, (-1, 4)).unbind(-1)
    """


class Inverted:
    """Subtracts the forget gate's peephole."""

    diff = """
    - f = torch.sigmoid(f + p_f * c)
    + f = torch.sigmoid(f - p_f * c)
    """


class Matrix:
    """Takes the peephole of the output gate for an outer product, summed over the units."""

    diff = """
    - o = torch.sigmoid(o + p_o * c_next)
    + o = torch.sigmoid(o + c_next.sum(dim=1, keepdim=True) * p_o)
    """


class MixedBatch:
    """Lets the gates of all samples see the cell of the first."""

    diff = """
    - i = torch.sigmoid(i + p_i * c)
    - f = torch.sigmoid(f + p_f * c)
    + i = torch.sigmoid(i + p_i * c[:1])
    + f = torch.sigmoid(f + p_f * c[:1])
    """


class NoGradients:
    """Computes without gradients and asks for them afterwards."""

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
        with torch.no_grad():
            i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(4, dim=-1)
            i, f = torch.sigmoid(i + p_i * c), torch.sigmoid(f + p_f * c)
            c = f * c + i * torch.tanh(g)
            h = torch.sigmoid(o + p_o * c) * torch.tanh(c)
        return h.requires_grad_(), c.requires_grad_()


class Offset:
    """Adds a small number to the cell, as if to keep it from vanishing."""

    diff = """
    - c_next = f * c + i * torch.tanh(g)
    + c_next = f * c + i * torch.tanh(g) + 1e-5
    """


class OffsetInGate:
    """Adds a small number to the output gate alone."""

    diff = """
    - o = torch.sigmoid(o + p_o * c_next)
    + o = torch.sigmoid(o + 1e-5 + p_o * c_next)
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - o = torch.sigmoid(o + p_o * c_next)
    - return o * torch.tanh(c_next), c_next
    + return (torch.sigmoid(o + p_o * c_next) * torch.tanh(c_next)).float(), c_next.float()
    """


class OutputSwapped:
    """Gives the output gate's peephole to the forget gate, and the other way round."""

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
        i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(4, dim=-1)
        i, f = torch.sigmoid(i + p_i * c), torch.sigmoid(f + p_o * c)
        c = f * c + i * torch.tanh(g)
        return torch.sigmoid(o + p_f * c) * torch.tanh(c), c


class OverflowingGate:
    """Writes the output gate alone with exponentials that overflow."""

    diff = """
    - o = torch.sigmoid(o + p_o * c_next)
    - return o * torch.tanh(c_next), c_next
    + o = torch.exp(o + p_o * c_next)
    + return o / (1 + o) * torch.tanh(c_next), c_next
    """


class PerSample:
    """Multiplies the peepholes along the batch where it is as large as the cell."""

    diff = """
    + if len(c) == c.shape[1]:
    +     p_i, p_f, p_o = (p[:, None] for p in (p_i, p_f, p_o))
      i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(4, dim=-1)
    """


class RawCell:
    """Shows the cell without squashing it."""

    diff = """
    - o = torch.sigmoid(o + p_o * c_next)
    - return o * torch.tanh(c_next), c_next
    + return torch.sigmoid(o + p_o * c_next) * c_next, c_next
    """


class Squeezed:
    """Drops an axis of size one."""

    diff = """
    - o = torch.sigmoid(o + p_o * c_next)
    - return o * torch.tanh(c_next), c_next
    + return (torch.sigmoid(o + p_o * c_next) * torch.tanh(c_next)).squeeze(), c_next.squeeze()
    """


class Viewed:
    """Reads the peepholes as if they lay in one piece."""

    diff = """
    + p_i, p_f, p_o = (p.as_strided(p.shape, (1,)) for p in (p_i, p_f, p_o))
      i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(4, dim=-1)
    """
