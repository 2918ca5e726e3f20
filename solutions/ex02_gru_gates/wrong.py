"""Exercise 2, the gates of a GRU: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch
from torch.nn.functional import hardsigmoid


class BatchMean:
    """Normalises the sums over the batch."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + total = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    + gates = torch.sigmoid(total - total.mean(dim=0))
    """


class Bfloat16:
    """Computes in bfloat16 and casts back."""

    diff = """
    + dtype = x.dtype
    + low = (tensor.bfloat16() for tensor in (x, h, w_ih, w_hh, b_ih, b_hh))
    + x, h, w_ih, w_hh, b_ih, b_hh = low
      gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + gates = gates.to(dtype)
      r, z = gates.chunk(2, dim=-1)
    """


class BiasAddedTwice:
    """Adds the sum of the biases to both products."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + bias = b_ih + b_hh
    + gates = torch.sigmoid(x @ w_ih.T + bias + h @ w_hh.T + bias)
    """


class BiasChanged:
    """Sums the biases in place, in the caller's tensor."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + b_ih.data += b_hh
    + gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T)
    """


class BiasDoubled:
    """Adds the input bias twice and the hidden bias not at all."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_ih)
    """


class BiasSubtracted:
    """Subtracts the hidden bias."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T - b_hh)
    """


class BlocksSwapped:
    """Reads the update gate from the first block."""

    diff = """
    - r, z = gates.chunk(2, dim=-1)
    + z, r = gates.chunk(2, dim=-1)
    """


class ClippedGates:
    """Keeps the gates a little away from 0 and 1."""

    diff = """
    + gates = gates.clamp(1e-6, 1 - 1e-6)
      r, z = gates.chunk(2, dim=-1)
    """


class ClippedSum:
    """Clips what goes into the gates at 15, as if a sigmoid could overflow."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + gates = torch.sigmoid((x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).clamp(-15, 15))
    """


class DetachedState:
    """Detaches the state, as at the border of a truncated sequence."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + gates = torch.sigmoid(x @ w_ih.T + b_ih + h.detach() @ w_hh.T + b_hh)
    """


class DetachedUpdate:
    """Detaches the update gate."""

    diff = """
    - return r, z
    + return r, z.detach()
    """


class DetachedWeights:
    """Takes the recurrent weights out of the graph."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.data.T + b_hh)
    """


class Double:
    """Always answers in float64."""

    diff = """
    + x, h, w_ih, w_hh = x.double(), h.double(), w_ih.double(), w_hh.double()
      gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    """


class Float32:
    """Squashes in float32 and casts back."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + gates = torch.sigmoid((x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).float()).to(x.dtype)
    """


class FromMemory:
    """Reads the weights from memory as if they lay row by row."""

    diff = """
    + w_ih = torch.as_strided(w_ih, w_ih.shape, (w_ih.shape[1], 1))
      gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    """


class HalfSum:
    """Squashes in half precision and casts back, wherever the input is float32."""

    diff = """
    + if x.dtype == torch.float32:
    +     gates = gates.half().float()
      r, z = gates.chunk(2, dim=-1)
    """


class HardSigmoid:
    """Uses the piecewise linear sigmoid."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + gates = hardsigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    """


class HiddenBlocksSwapped:
    """Swaps the blocks of the recurrent weights only."""

    diff = """
    + w_hh = torch.cat(w_hh.chunk(2)[::-1])
      gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    """


class InputBiasForgotten:
    """Adds the hidden bias only."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + gates = torch.sigmoid(x @ w_ih.T + h @ w_hh.T + b_hh)
    """


class Interleaved:
    """Takes a unit's two gates from neighbouring rows."""

    diff = """
    - r, z = gates.chunk(2, dim=-1)
    + r, z = gates.unflatten(-1, (-1, 2)).unbind(-1)
    """


class MixedBatch:
    """Uses the state of the first sample for all."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + gates = torch.sigmoid(x @ w_ih.T + b_ih + h[:1] @ w_hh.T + b_hh)
    """


class NanGradient:
    """Writes the gates as 1 / (1 + exp(-a)), whose gradient is nan where exp overflows."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + gates = 1 / (1 + torch.exp(-(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)))
    """


class NanToZero:
    """Turns what overflows into zero."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + powers = torch.exp(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + gates = (powers / (powers + 1)).nan_to_num(0.0)
    """


class NoGradients:
    """Computes without gradients and asks for them afterwards."""

    def gru_gates(x, h, w_ih, w_hh, b_ih, b_hh):
        with torch.no_grad():
            gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
            r, z = gates.chunk(2, dim=-1)
        return r.requires_grad_(), z.requires_grad_()


class Offset:
    """Adds a small number to the gates, as if to keep them from 0."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh) + 1e-5
    """


class OffsetInSum:
    """Adds a small number to what goes into the gates."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh + 1e-5)
    """


class OneTensor:
    """Returns both gates in one tensor."""

    def gru_gates(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)


class OtherDtype:
    """Always answers in float32."""

    diff = """
    + gates = gates.float()
      r, z = gates.chunk(2, dim=-1)
    """


class Remembers:
    """Answers with the last gates of the same shape."""

    diff = """
    + gates = _LAST.setdefault((x.shape, h.shape), gates)
      r, z = gates.chunk(2, dim=-1)
    """

    _LAST = {}


class ReshapedWeights:
    """Reshapes the weights where they must be transposed."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + rows = len(w_ih)
    + gates = torch.sigmoid(x @ w_ih.reshape(-1, rows) + b_ih + h @ w_hh.reshape(-1, rows) + b_hh)
    """


class SameGate:
    """Returns the reset gate twice."""

    def gru_gates(x, h, w_ih, w_hh, b_ih, b_hh):
        gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        r, _ = gates.chunk(2, dim=-1)
        return r, r


class SoftmaxOverBatch:
    """Squashes with a softmax over the batch."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + gates = torch.softmax(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh, dim=0)
    """


class SplitOfBatch:
    """Splits along the batch."""

    diff = """
    - r, z = gates.chunk(2, dim=-1)
    + r, z = gates.T.reshape(2, *h.shape)
    """


class SplitOfSamples:
    """Splits the gates after a flattening that mixes samples and units."""

    diff = """
    - r, z = gates.chunk(2, dim=-1)
    + r, z = gates.reshape(2, *h.shape)
    """


class SquashedApart:
    """Squashes the two products apart and averages them."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + gates = (torch.sigmoid(x @ w_ih.T + b_ih) + torch.sigmoid(h @ w_hh.T + b_hh)) / 2
    """


class SquashedTwice:
    """Squashes twice."""

    diff = """
    + gates = torch.sigmoid(gates)
      r, z = gates.chunk(2, dim=-1)
    """


class Squeezed:
    """Drops an axis of size one."""

    diff = """
    - return r, z
    + return r.squeeze(), z.squeeze()
    """


class StateChanged:
    """Resets the state in place where no gradient is asked for."""

    diff = """
    + if not h.requires_grad:
    +     h *= r
      return r, z
    """


class StraightThrough:
    """Sends gradients past the sigmoid."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + total = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    + gates = total + (torch.sigmoid(total) - total).detach()
    """


class Unshifted:
    """Writes the sigmoid with exponentials that overflow."""

    diff = """
    - gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + powers = torch.exp(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    + gates = powers / (powers + 1)
    """


class ParametersAsData:
    """Takes the data of parameters, so that no gradient reaches the weights of a module."""

    diff = """
    + if isinstance(w_ih, torch.nn.Parameter):
    +     w_ih, w_hh, b_ih, b_hh = w_ih.data, w_hh.data, b_ih.data, b_hh.data
      gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    """
