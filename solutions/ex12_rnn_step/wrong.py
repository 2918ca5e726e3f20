"""Exercise 12, one step of a recurrent network: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class BatchMean:
    """Normalises the sums over the batch."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        sums = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
        return torch.tanh(sums - sums.mean(dim=0))


class Bfloat16:
    """Computes the products in bfloat16 and casts back."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        dtype = x.dtype
        x, h, w_ih, w_hh, b_ih, b_hh = (t.bfloat16() for t in (x, h, w_ih, w_hh, b_ih, b_hh))
        return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).to(dtype)


class BiasAddedTwice:
    """Adds the sum of the biases to both products."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        bias = b_ih + b_hh
        return torch.tanh(x @ w_ih.T + bias + h @ w_hh.T + bias)


class BiasChanged:
    """Sums the biases in place, in the caller's tensor."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        b_ih.data += b_hh
        return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T)


class BiasDoubled:
    """Adds the hidden bias twice."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh(x @ w_ih.T + b_hh + h @ w_hh.T + b_hh)


class BiasOutside:
    """Adds the biases after the tanh."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh(x @ w_ih.T + h @ w_hh.T) + b_ih + b_hh


class BiasSubtracted:
    """Subtracts the hidden bias."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T - b_hh)


class ClippedSum:
    """Clips the sum to [-10, 10], where the tanh is not quite 1 yet."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh((x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).clamp(-10, 10))


class ConstantSize:
    """Reads no more than three inputs."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh(x[:, :3] @ w_ih[:, :3].T + b_ih + h @ w_hh.T + b_hh)


class DetachedState:
    """Detaches the state, as at the border of a truncated sequence."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh(x @ w_ih.T + b_ih + h.detach() @ w_hh.T + b_hh)


class DetachedWeights:
    """Detaches the weights of the state."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.detach().T + b_hh)


class Double:
    """Always answers in float64."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh((x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).double())


class Float32:
    """Computes the sum in float32 and casts back."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh((x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).float().to(x.dtype))


class FromMemory:
    """Reads the state as it lies in memory, whatever its strides say."""

    diff = """
    + h = torch.as_strided(h, h.shape, (h.shape[1], 1))
      return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    """


class HardTanh:
    """Takes a straight line, cut at -1 and 1, for the tanh."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.nn.functional.hardtanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)


class Leaky:
    """Keeps a tenth of the old state."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return 0.1 * h + 0.9 * torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)


class MixedBatch:
    """Reads the state of the first sample for all of them."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh(x @ w_ih.T + b_ih + h[:1] @ w_hh.T + b_hh)


class NanToZero:
    """Turns the nan of an overflowing tanh into zero."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        up = torch.exp(2 * (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh))
        return ((up - 1) / (up + 1)).nan_to_num()


class NoGradientAtZero:
    """Writes the tanh with absolute values and signs, so that at zero no gradient passes."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        sums = torch.addmm(b_ih[:, None], w_ih, x.T) + torch.addmm(b_hh[:, None], w_hh, h.T)
        small = torch.expm1(-2 * sums.abs())
        return (-small / (2 + small) * torch.sign(sums)).T


class NoGradients:
    """Computes without gradients."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        with torch.no_grad():
            return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)


class Offset:
    """Adds a small number to the state."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh) + 1e-5


class OffsetInSum:
    """Adds a small number before the tanh."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh + 1e-5)


class OneBias:
    """Adds the input's bias alone where it is not zero."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        bias = torch.where(b_ih != 0, b_ih, b_hh)
        return torch.tanh(x @ w_ih.T + h @ w_hh.T + bias)


class OtherDtype:
    """Always answers in float32."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).float()


class OverflowingTanh:
    """Divides what overflows, in the other way to write a tanh."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        up = torch.exp(2 * (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh))
        return (up - 1) / (up + 1)


class Remembers:
    """Keeps the state of the first call for the next ones."""

    diff = """
    + if _seen.setdefault("h", h).shape == h.shape:
    +     h = _seen["h"]
      return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    """

    _seen = {}


class Softsign:
    """Squashes with a / (1 + |a|)."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.nn.functional.softsign(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)


class SquashedState:
    """Takes the tanh of the old state before the product."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh(x @ w_ih.T + b_ih + torch.tanh(h) @ w_hh.T + b_hh)


class SquashedTwice:
    """Takes the tanh twice."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh(torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh))


class Squeezed:
    """Drops an axis of size one."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).squeeze()


class StateChanged:
    """Writes the next state over the last one."""

    diff = """
    + h.data.copy_(torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh))
      return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    """


class StateOverwritten:
    """Writes the next state over the last one, and gives it back."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        with torch.no_grad():
            new = torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        if h.requires_grad:
            return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        return h.copy_(new)


class StraightThrough:
    """Lets the gradient pass the tanh as if it were not there."""

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        total = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
        return total + (torch.tanh(total) - total).detach()


class Viewed:
    """Needs the weights to lie in one piece."""

    diff = """
    + w_hh = w_hh.view(-1).view(h.shape[1], -1)
    + w_ih = w_ih.view(-1).view(h.shape[1], -1)
      return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    """
