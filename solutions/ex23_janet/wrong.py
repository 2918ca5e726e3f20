"""Exercise 23, JANET: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch
from torch.nn.functional import hardsigmoid


class BatchMean:
    """Normalises the gate over the batch."""

    diff = """
    + s = s - s.mean(dim=0)
      added = 1 - torch.sigmoid(s - beta)
    """


class BetaAbsolute:
    """Takes beta for positive."""

    diff = """
    - added = 1 - torch.sigmoid(s - beta)
    + added = 1 - torch.sigmoid(s - abs(beta))
    """


class BetaClipped:
    """Keeps beta between 0 and 10."""

    diff = """
    + beta = min(max(beta, 0.0), 10.0)
      s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    """


class BetaExponential:
    """Writes the second gate with an exp(beta) of its own, which overflows."""

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
        odds = torch.exp(torch.as_tensor(beta, dtype=s.dtype, device=s.device))
        rest = odds / (odds + torch.exp(s))
        return torch.sigmoid(s) * c + rest * torch.tanh(g)


class BetaInFloat32:
    """Makes a float32 tensor of beta, which rounds it."""

    diff = """
    + beta = torch.tensor(beta)
      s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    """


class BetaMultiplied:
    """Multiplies s by beta."""

    diff = """
    - added = 1 - torch.sigmoid(s - beta)
    + added = 1 - torch.sigmoid(s * beta)
    """


class BetaScaled:
    """Subtracts beta from the gate's sum in halves: once here, once in the bias."""

    diff = """
    - added = 1 - torch.sigmoid(s - beta)
    + added = 1 - torch.sigmoid(s - beta / 2 - 0.5)
    """


class BetaWhole:
    """Rounds beta to a whole number."""

    diff = """
    - added = 1 - torch.sigmoid(s - beta)
    + added = 1 - torch.sigmoid(s - int(beta))
    """


class BetaWholeWhereLarge:
    """Rounds a beta above 3."""

    diff = """
    - added = 1 - torch.sigmoid(s - beta)
    + added = 1 - torch.sigmoid(s - (int(beta) if beta > 3 else beta))
    """


class BetaZeroByDefault:
    """Has a beta of 0 by default."""

    diff = """
    - x: Tensor, c: Tensor, w_ih: Tensor, w_hh: Tensor, b: Tensor, beta: float = 1.0
    + x: Tensor, c: Tensor, w_ih: Tensor, w_hh: Tensor, b: Tensor, beta: float = 0.0
    """


class Bfloat16:
    """Computes the products in bfloat16 and casts back."""

    diff = """
    - s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    + low = [t.bfloat16() for t in (x, c, w_ih, w_hh, b)]
    + x, cell, w_ih, w_hh, b = low
    + s, g = (x @ w_ih.T + cell @ w_hh.T + b).to(c.dtype).chunk(2, dim=-1)
    """


class BiasChanged:
    """Takes beta from the bias in place, in the caller's tensor."""

    diff = """
    - added = 1 - torch.sigmoid(s - beta)
    + b.data[: c.shape[1]] -= beta
    + shifted = (x @ w_ih.T + c @ w_hh.T + b)[:, : c.shape[1]]
    + added = 1 - torch.sigmoid(shifted)
    """


class BiasDoubled:
    """Adds the bias with either product, as torch's two biases would be."""

    diff = """
    - s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    + s, g = (x @ w_ih.T + b + c @ w_hh.T + b).chunk(2, dim=-1)
    """


class BiasForgotten:
    """Leaves the bias out."""

    diff = """
    - s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    + s, g = (x @ w_ih.T + c @ w_hh.T).chunk(2, dim=-1)
    """


class BlocksOfSamples:
    """Splits the blocks after a flattening that mixes samples and units."""

    diff = """
    - s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    + s, g = (x @ w_ih.T + c @ w_hh.T + b).reshape(2, *c.shape)
    """


class CandidateSeesNoCell:
    """Lets the gate see the cell, and the candidate only the input."""

    diff = """
    + g = (x @ w_ih.T + b).chunk(2, dim=-1)[1]
      added = 1 - torch.sigmoid(s - beta)
    """


class CellChanged:
    """Updates the cell in place where no gradient is asked for."""

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
        added = (1 - torch.sigmoid(s - beta)) * torch.tanh(g)
        if c.requires_grad:
            return torch.sigmoid(s) * c + added
        return c.mul_(torch.sigmoid(s)).add_(added)


class CellNotRead:
    """Leaves the cell out of the blocks."""

    diff = """
    - s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    + s, g = (x @ w_ih.T + b).chunk(2, dim=-1)
    """


class CellSquashedFirst:
    """Squashes the cell where it is kept."""

    diff = """
    - return torch.sigmoid(s) * c + added * torch.tanh(g)
    + return torch.sigmoid(s) * torch.tanh(c) + added * torch.tanh(g)
    """


class ClippedCell:
    """Clips the cell to a range of 5."""

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
        c = torch.sigmoid(s) * c + (1 - torch.sigmoid(s - beta)) * torch.tanh(g)
        return c.clamp(-5, 5)


class ClippedSum:
    """Clips s at 10, as if a sigmoid could overflow."""

    diff = """
    + s = s.clamp(-10, 10)
      added = 1 - torch.sigmoid(s - beta)
    """


class DetachedCell:
    """Detaches the cell that is kept."""

    diff = """
    - return torch.sigmoid(s) * c + added * torch.tanh(g)
    + return torch.sigmoid(s) * c.detach() + added * torch.tanh(g)
    """


class DetachedGate:
    """Detaches the forget gate."""

    diff = """
    - return torch.sigmoid(s) * c + added * torch.tanh(g)
    + return torch.sigmoid(s).detach() * c + added * torch.tanh(g)
    """


class DetachedHidden:
    """Detaches the cell where it drives the blocks."""

    diff = """
    - s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    + s, g = (x @ w_ih.T + c.detach() @ w_hh.T + b).chunk(2, dim=-1)
    """


class DetachedRest:
    """Detaches the weight of the candidate."""

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
        return torch.sigmoid(s) * c + (1 - torch.sigmoid(s - beta)).detach() * torch.tanh(g)


class Double:
    """Returns float64 whatever comes in."""

    diff = """
    - s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    + s, g = (x @ w_ih.T + c @ w_hh.T + b).double().chunk(2, dim=-1)
    """


class Float32:
    """Computes the blocks in float32 and casts back."""

    diff = """
    - s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    + s, g = (x @ w_ih.T + c @ w_hh.T + b).float().to(x.dtype).chunk(2, dim=-1)
    """


class FromMemory:
    """Reads the weights from memory as if they lay row by row."""

    diff = """
    + w_ih = torch.as_strided(w_ih, w_ih.shape, (w_ih.shape[1], 1))
      s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    """


class GruCandidate:
    """Lets the candidate see what the gate has kept of the cell, as in a GRU."""

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        size = c.shape[1]
        s = x @ w_ih[:size].T + c @ w_hh[:size].T + b[:size]
        kept = torch.sigmoid(s) * c
        g = x @ w_ih[size:].T + kept @ w_hh[size:].T + b[size:]
        return kept + (1 - torch.sigmoid(s - beta)) * torch.tanh(g)


class HardSigmoid:
    """Uses the piecewise linear sigmoid."""

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
        return hardsigmoid(s) * c + (1 - hardsigmoid(s - beta)) * torch.tanh(g)


class Leaky:
    """Keeps the whole cell and adds the candidate."""

    diff = """
    - return torch.sigmoid(s) * c + added * torch.tanh(g)
    + return c + added * torch.tanh(g)
    """


class MixedBatch:
    """Feeds back the first sample's cell to all."""

    diff = """
    - s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    + s, g = (x @ w_ih.T + c[:1] @ w_hh.T + b).chunk(2, dim=-1)
    """


class NanGradient:
    """Writes the forget gate as 1 / (1 + exp(-s)), whose gradient is nan where exp overflows."""

    diff = """
    - return torch.sigmoid(s) * c + added * torch.tanh(g)
    + return c / (1 + torch.exp(-s)) + added * torch.tanh(g)
    """


class NanToZero:
    """Replaces nan by 0 after an overflow."""

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
        kept, rest = (torch.exp(a) / (1 + torch.exp(a)) for a in (s, s - beta))
        return torch.nan_to_num(kept * c + (1 - rest) * torch.tanh(g))


class NoGradients:
    """Computes without gradients and asks for them afterwards."""

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        with torch.no_grad():
            s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
            c = torch.sigmoid(s) * c + (1 - torch.sigmoid(s - beta)) * torch.tanh(g)
        return c.requires_grad_()


class Offset:
    """Adds a small number to the cell, as if to keep it from vanishing."""

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
        return torch.sigmoid(s) * c + (1 - torch.sigmoid(s - beta)) * torch.tanh(g) + 1e-5


class OffsetInGate:
    """Adds a small number to beta."""

    diff = """
    - added = 1 - torch.sigmoid(s - beta)
    + added = 1 - torch.sigmoid(s - beta - 1e-5)
    """


class OtherDtype:
    """Returns float32 whatever comes in."""

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
        cell = torch.sigmoid(s) * c + (1 - torch.sigmoid(s - beta)) * torch.tanh(g)
        return cell.float()


class Remembers:
    """Keeps a cell of its own between calls."""

    _cells = []

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
        c = torch.sigmoid(s) * c + (1 - torch.sigmoid(s - beta)) * torch.tanh(g)
        _cells.append(c)
        return _cells[0] if _cells[0].shape == c.shape else c


class ReshapedWeights:
    """Reshapes the weights where they must be transposed."""

    diff = """
    - s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    + s, g = (x @ w_ih.reshape(-1, w_ih.shape[0]) + c @ w_hh.reshape(-1, w_hh.shape[0]) + b).chunk(
    +     2, dim=-1
    + )
    """


class Squeezed:
    """Squeezes the result, which spoils batches of one."""

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
        c = torch.sigmoid(s) * c + (1 - torch.sigmoid(s - beta)) * torch.tanh(g)
        return c.squeeze()


class StraightThrough:
    """Rounds the gate to whole numbers and lets the gradient pass straight through."""

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
        gate = torch.sigmoid(s)
        gate = gate + (gate.round() - gate).detach()
        return gate * c + (1 - torch.sigmoid(s - beta)) * torch.tanh(g)


class Viewed:
    """Views the transposed cell, which works for contiguous inputs only."""

    diff = """
    - s, g = (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)
    + size = c.shape[1]
    + hidden = c.view(-1).view(-1, size)
    + s, g = (x @ w_ih.T + hidden @ w_hh.T + b).chunk(2, dim=-1)
    """


class Bounded:
    """Keeps s within what exp can take."""

    diff = """
    - added = 1 - torch.sigmoid(s - beta)
    + s = s.clamp(-700, 700)
    + added = 1 - torch.sigmoid(s - beta)
    """


class TwoExponentials:
    """Takes exp(beta) / (exp(beta) + exp(s)), each bounded."""

    diff = """
    - added = 1 - torch.sigmoid(s - beta)
    + most = torch.exp(torch.full_like(s, min(beta, 500)))
    + added = most / (most + torch.exp(s.clamp(max=500)))
    """
