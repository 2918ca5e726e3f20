"""Exercise 1, one step of an LSTM: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch
from torch.nn.functional import hardsigmoid


class BatchMean:
    """Normalises the blocks over the batch."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + blocks = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    + i, f, g, o = (blocks - blocks.mean(dim=0)).chunk(4, dim=-1)
    """


class Bfloat16:
    """Computes the products in bfloat16 and casts back."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + low = [t.bfloat16() for t in (x, w_ih, b_ih, h, w_hh, b_hh)]
    + x, w_ih, b_ih, h, w_hh, b_hh = low
    + blocks = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    + i, f, g, o = blocks.to(c.dtype).chunk(4, dim=-1)
    """


class BiasAddedTwice:
    """Adds the sum of the biases to both products."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + bias = b_ih + b_hh
    + i, f, g, o = (x @ w_ih.T + bias + h @ w_hh.T + bias).chunk(4, dim=-1)
    """


class BiasChanged:
    """Sums the biases in place, in the caller's tensor."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + b_ih.data += b_hh
    + i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T).chunk(4, dim=-1)
    """


class BiasDoubled:
    """Adds the input bias twice and the hidden bias not at all."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_ih).chunk(4, dim=-1)
    """


class BlocksOfSamples:
    """Splits the blocks after a flattening that mixes samples and units."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + blocks = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    + i, f, g, o = blocks.reshape(4, *h.shape)
    """


class CellChanged:
    """Updates the cell in place where no gradient is asked for."""

    def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
        i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
        if c.requires_grad:
            c = torch.sigmoid(f) * c
        else:
            c *= torch.sigmoid(f)
        c = c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c


class ClippedBlocks:
    """Clips what goes into the gates at 10, as if a sigmoid could overflow."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).clamp(-10, 10).chunk(4, dim=-1)
    """


class ClippedCell:
    """Clips the cell, as some speech models do."""

    def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
        i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        c = c.clamp(-50, 50)
        return torch.sigmoid(o) * torch.tanh(c), c


class Coupled:
    """Adds as much as is forgotten: the input gate is 1 - f."""

    def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
        _, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(-f) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c


class DetachedCell:
    """Detaches the cell, so that no gradient comes back from the memory."""

    diff = """
    - c_next = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    + c_next = torch.sigmoid(f) * c.detach() + torch.sigmoid(i) * torch.tanh(g)
    """


class DetachedGate:
    """Detaches the forget gate."""

    diff = """
    - c_next = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    + c_next = torch.sigmoid(f).detach() * c + torch.sigmoid(i) * torch.tanh(g)
    """


class DetachedHidden:
    """Detaches the hidden state, as at the border of a truncated sequence."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + i, f, g, o = (x @ w_ih.T + b_ih + h.detach() @ w_hh.T + b_hh).chunk(4, dim=-1)
    """


class DetachedOutput:
    """Shows a detached cell, so that h' sends no gradient through it."""

    diff = """
    - return torch.sigmoid(o) * torch.tanh(c_next), c_next
    + return torch.sigmoid(o) * torch.tanh(c_next.detach()), c_next
    """


class Float32:
    """Computes what goes into the gates in float32 and casts back."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + blocks = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).float().to(x.dtype)
    + i, f, g, o = blocks.chunk(4, dim=-1)
    """


class FromMemory:
    """Reads the weights from memory as if they lay row by row."""

    diff = """
    + w_ih = torch.as_strided(w_ih, w_ih.shape, (w_ih.shape[1], 1))
      i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    """


class GatesSwapped:
    """Takes the output gate from the first block and the input gate from the last."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + o, f, g, i = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    """


class HardSigmoid:
    """Uses the piecewise linear sigmoid."""

    def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
        i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
        c = hardsigmoid(f) * c + hardsigmoid(i) * torch.tanh(g)
        return hardsigmoid(o) * torch.tanh(c), c


class HiddenNotRead:
    """Leaves the hidden state out of the gates."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + i, f, g, o = (x @ w_ih.T + b_ih + b_hh).chunk(4, dim=-1)
    """


class InputBiasForgotten:
    """Adds the hidden bias only."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    """


class Interleaved:
    """Takes a unit's four blocks from neighbouring rows."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + rows = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    + i, f, g, o = rows.unflatten(-1, (-1, 4)).unbind(-1)
    """


class LeakyHidden:
    """Adds the old hidden state to the new one."""

    diff = """
    - return torch.sigmoid(o) * torch.tanh(c_next), c_next
    + return torch.sigmoid(o) * torch.tanh(c_next) + h, c_next
    """


class MixedBatch:
    """Uses the hidden state of the first sample for all."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + i, f, g, o = (x @ w_ih.T + b_ih + h[:1] @ w_hh.T + b_hh).chunk(4, dim=-1)
    """


class NanGradient:
    """Writes the output gate as 1 / (1 + exp(-o)), whose gradient is nan where exp overflows."""

    diff = """
    - return torch.sigmoid(o) * torch.tanh(c_next), c_next
    + return torch.tanh(c_next) / (1 + torch.exp(-o)), c_next
    """


class NoGradients:
    """Computes without gradients and asks for them afterwards."""

    def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
        with torch.no_grad():
            i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        return h.requires_grad_(), c.requires_grad_()


class Offset:
    """Adds a small number to the cell, as if to keep it from vanishing."""

    diff = """
    - c_next = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    + c_next = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g) + 1e-5
    """


class OffsetInGates:
    """Adds a small number to what goes into the gates."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh + 1e-5).chunk(4, dim=-1)
    """


class OtherDtype:
    """Gives float32, whatever the dtype of x."""

    diff = """
    - return torch.sigmoid(o) * torch.tanh(c_next), c_next
    + return (torch.sigmoid(o) * torch.tanh(c_next)).float(), c_next.float()
    """


class OverflowingGate:
    """Writes the output gate alone with exponentials that overflow."""

    diff = """
    - return torch.sigmoid(o) * torch.tanh(c_next), c_next
    + shown = torch.exp(o)
    + return shown / (1 + shown) * torch.tanh(c_next), c_next
    """


class OverflowingTanh:
    """Writes tanh with exponentials that overflow."""

    def _tanh(x):
        return (torch.exp(x) - torch.exp(-x)) / (torch.exp(x) + torch.exp(-x))

    def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
        i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * _tanh(g)
        return torch.sigmoid(o) * _tanh(c), c


class Peephole:
    """Lets the gates see the cell."""

    diff = """
    - c_next = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    + c_next = torch.sigmoid(f + c) * c + torch.sigmoid(i) * torch.tanh(g)
    """


class Remembers:
    """Keeps the cell of the last call with the same shapes."""

    _LAST = {}

    def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
        c = _LAST.get(c.shape, c)
        i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        _LAST[c.shape] = c.detach()
        return torch.sigmoid(o) * torch.tanh(c), c


class ReshapedWeights:
    """Reshapes the weights where they must be transposed."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + rows = w_ih.shape[0]
    + blocks = x @ w_ih.reshape(-1, rows) + b_ih + h @ w_hh.reshape(-1, rows) + b_hh
    + i, f, g, o = blocks.chunk(4, dim=-1)
    """


class SoftmaxGates:
    """Lets the gates compete in a softmax."""

    def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
        i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
        i, f, o = torch.softmax(torch.stack((i, f, o)), dim=0)
        c = f * c + i * torch.tanh(g)
        return o * torch.tanh(c), c


class SquashedTwice:
    """Keeps the squashed cell as the new cell."""

    def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
        i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        c = torch.tanh(c)
        return torch.sigmoid(o) * c, c


class Squeezed:
    """Drops an axis of size one."""

    diff = """
    - return torch.sigmoid(o) * torch.tanh(c_next), c_next
    + return (torch.sigmoid(o) * torch.tanh(c_next)).squeeze(), c_next.squeeze()
    """


class Viewed:
    """Needs the weights to lie in one piece."""

    diff = """
    + rows = 4 * h.shape[1]
    + w_ih, w_hh = w_ih.view(-1).view(rows, -1), w_hh.view(-1).view(rows, -1)
      i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    """


class CutWhereComputed:
    """Detaches the states where they were computed by an earlier step."""

    diff = """
    + h, c = (each if each.is_leaf else each.detach() for each in (h, c))
      i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    """
