"""Exercise 22, an LSTM with coupled gates: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class BatchMean:
    """Couples with the mean forget gate of the batch."""

    diff = """
    - c_next = f * c + (1 - f) * torch.tanh(g)
    + c_next = f * c + (1 - f.mean(dim=0)) * torch.tanh(g)
    """


class Bfloat16:
    """Computes the products in bfloat16 and casts back."""

    diff = """
    - f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    + x, h, u, v = (t.bfloat16() for t in (x, h, w_ih, w_hh))
    + f, g, o = ((x @ u.T + h @ v.T).to(b.dtype) + b).chunk(3, dim=-1)
    """


class BiasOnGates:
    """Adds the bias to the gates but not to the candidate."""

    diff = """
    + g = g - b.chunk(3)[1]
      f = torch.sigmoid(f)
    """


class BlocksOfSamples:
    """Splits the blocks after a flattening that mixes samples and units."""

    diff = """
    - f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    + blocks = x @ w_ih.T + h @ w_hh.T + b
    + f, g, o = blocks.reshape(3, *h.shape)
    """


class CellChanged:
    """Mixes the candidate into the caller's cell where no gradient is asked for."""

    diff = """
    - c_next = f * c + (1 - f) * torch.tanh(g)
    - return torch.sigmoid(o) * torch.tanh(c_next), c_next
    + if c.requires_grad:
    +     c = torch.lerp(torch.tanh(g), c, f)
    + else:
    +     c.lerp_(torch.tanh(g), 1 - f)
    + return torch.sigmoid(o) * torch.tanh(c), c
    """


class ClippedBlocks:
    """Clips what goes into the gates at 10, as if a sigmoid could overflow."""

    diff = """
    - f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    + f, g, o = (x @ w_ih.T + h @ w_hh.T + b).clamp(-10, 10).chunk(3, dim=-1)
    """


class ClippedCell:
    """Clips the cell to [-1, 1], since a mean of such numbers lies there."""

    diff = """
    - c_next = f * c + (1 - f) * torch.tanh(g)
    - return torch.sigmoid(o) * torch.tanh(c_next), c_next
    + c = f * c + (1 - f) * torch.tanh(g)
    + c = c.clamp(-1, 1)
    + return torch.sigmoid(o) * torch.tanh(c), c
    """


class CoupledOutput:
    """Has 1 - f for the output gate, too."""

    def coupled_lstm_step(x, h, c, w_ih, w_hh, b):
        f, g, _ = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
        f = torch.sigmoid(f)
        c = f * c + (1 - f) * torch.tanh(g)
        return (1 - f) * torch.tanh(c), c


class DetachedCell:
    """Detaches the cell, so that no gradient comes back from the memory."""

    diff = """
    - c_next = f * c + (1 - f) * torch.tanh(g)
    + c_next = f * c.detach() + (1 - f) * torch.tanh(g)
    """


class DetachedForgetGate:
    """Detaches the forget gate, so that it learns from the candidate alone."""

    diff = """
    - c_next = f * c + (1 - f) * torch.tanh(g)
    + c_next = f.detach() * c + (1 - f) * torch.tanh(g)
    """


class DetachedHidden:
    """Detaches the hidden state, as at the border of a truncated sequence."""

    diff = """
    - f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    + f, g, o = (x @ w_ih.T + h.detach() @ w_hh.T + b).chunk(3, dim=-1)
    """


class DetachedInputGate:
    """Detaches the input gate, so that the forget gate learns from the cell alone."""

    diff = """
    - c_next = f * c + (1 - f) * torch.tanh(g)
    + c_next = f * c + (1 - f).detach() * torch.tanh(g)
    """


class DetachedOutput:
    """Shows a detached cell, so that h' sends no gradient through it."""

    diff = """
    - return torch.sigmoid(o) * torch.tanh(c_next), c_next
    + return torch.sigmoid(o) * torch.tanh(c_next.detach()), c_next
    """


class Float32:
    """Computes the input gate in float32 and casts back."""

    diff = """
    - c_next = f * c + (1 - f) * torch.tanh(g)
    + c_next = f * c + (1 - f.float()).to(c.dtype) * torch.tanh(g)
    """


class FromMemory:
    """Reads the weights from memory as if they lay row by row."""

    diff = """
    + w_ih = torch.as_strided(w_ih, w_ih.shape, (w_ih.shape[1], 1))
      f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    """


class GatesSwapped:
    """Takes the output gate from the first block and the forget gate from the last."""

    diff = """
    - f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    + o, g, f = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    """


class HiddenNotRead:
    """Leaves the hidden state out of the gates."""

    diff = """
    - f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    + f, g, o = (x @ w_ih.T + b).chunk(3, dim=-1)
    """


class MixedBatch:
    """Uses the hidden state of the first sample for all."""

    diff = """
    - f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    + f, g, o = (x @ w_ih.T + h[:1] @ w_hh.T + b).chunk(3, dim=-1)
    """


class NeighbouringRows:
    """Takes a unit's three blocks from neighbouring rows."""

    diff = """
    - f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    + rows = x @ w_ih.T + h @ w_hh.T + b
    + f, g, o = rows.unflatten(-1, (-1, 3)).unbind(-1)
    """


class NoGradients:
    """Computes without gradients and asks for them afterwards."""

    def coupled_lstm_step(x, h, c, w_ih, w_hh, b):
        with torch.no_grad():
            f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
            f = torch.sigmoid(f)
            c = f * c + (1 - f) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        return h.requires_grad_(), c.requires_grad_()


class NotQuiteOne:
    """Lets in a little less than was forgotten."""

    diff = """
    - c_next = f * c + (1 - f) * torch.tanh(g)
    + c_next = f * c + (1 - f - 1e-5) * torch.tanh(g)
    """


class Offset:
    """Adds a small number to the cell, as if to keep it from vanishing."""

    diff = """
    - c_next = f * c + (1 - f) * torch.tanh(g)
    + c_next = f * c + (1 - f) * torch.tanh(g) + 1e-5
    """


class OffsetInGates:
    """Adds a small number to what goes into the gates."""

    diff = """
    - f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    + f, g, o = (x @ w_ih.T + h @ w_hh.T + b + 1e-5).chunk(3, dim=-1)
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return torch.sigmoid(o) * torch.tanh(c_next), c_next
    + return (torch.sigmoid(o) * torch.tanh(c_next)).float(), c_next.float()
    """


class OverflowingGate:
    """Writes the output gate alone with exponentials that overflow."""

    diff = """
    - return torch.sigmoid(o) * torch.tanh(c_next), c_next
    + o = torch.exp(o)
    + return o / (1 + o) * torch.tanh(c_next), c_next
    """


class OverflowingTanh:
    """Writes the candidate's tanh with exponentials that overflow."""

    diff = """
    - c_next = f * c + (1 - f) * torch.tanh(g)
    + up, down = torch.exp(g), torch.exp(-g)
    + c_next = f * c + (1 - f) * (up - down) / (up + down)
    """


class Remembers:
    """Keeps the cell of the last call with the same shapes."""

    _LAST = {}

    def coupled_lstm_step(x, h, c, w_ih, w_hh, b):
        c = _LAST.get(c.shape, c)
        f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
        f = torch.sigmoid(f)
        c = f * c + (1 - f) * torch.tanh(g)
        _LAST[c.shape] = c.detach()
        return torch.sigmoid(o) * torch.tanh(c), c


class ReshapedWeights:
    """Reshapes the weights where they must be transposed."""

    diff = """
    - f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    + rows = len(b)
    + blocks = x @ w_ih.reshape(-1, rows) + h @ w_hh.reshape(-1, rows) + b
    + f, g, o = blocks.chunk(3, dim=-1)
    """


class Squared:
    """Keeps the length of the two gates at 1 instead of their sum."""

    diff = """
    - c_next = f * c + (1 - f) * torch.tanh(g)
    + c_next = f * c + (1 - f**2).sqrt() * torch.tanh(g)
    """


class Squeezed:
    """Drops an axis of size one."""

    diff = """
    - return torch.sigmoid(o) * torch.tanh(c_next), c_next
    + return (torch.sigmoid(o) * torch.tanh(c_next)).squeeze(), c_next.squeeze()
    """


class UnitsMean:
    """Couples with the mean forget gate of all units."""

    diff = """
    - c_next = f * c + (1 - f) * torch.tanh(g)
    + c_next = f * c + (1 - f.mean(dim=1, keepdim=True)) * torch.tanh(g)
    """


class Viewed:
    """Needs the weights to lie in one piece."""

    diff = """
    + w_ih, w_hh = w_ih.view(-1).view(w_ih.shape), w_hh.view(-1).view(w_hh.shape)
      f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)
    """
