"""Exercise 15, one step of a GRU: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class BatchMean:
    """Uses the mean of the reset gates over the batch."""

    diff = """
    - r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + r, z = torch.sigmoid(r_x + r_h).mean(dim=0), torch.sigmoid(z_x + z_h)
    """


class Bfloat16:
    """Computes the products of the state in bfloat16 and casts back."""

    diff = """
    - r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + from_h = (h.bfloat16() @ w_hh.bfloat16().T).to(h.dtype) + b_hh
    + r_h, z_h, n_h = from_h.chunk(3, dim=-1)
    """


class Bfloat16Gates:
    """Keeps the gates in bfloat16."""

    diff = """
    - n = torch.tanh(n_x + r * n_h)
    - return (1 - z) * n + z * h
    + r, z = r.bfloat16().to(h.dtype), z.bfloat16().to(h.dtype)
    + return (1 - z) * torch.tanh(n_x + r * n_h) + z * h
    """


class BiasBlocksSwapped:
    """Reads the hidden bias as z, r, n."""

    diff = """
    + b_hr, b_hz, b_hn = b_hh.chunk(3)
    + b_hh = torch.cat((b_hz, b_hr, b_hn))
      r_x, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    """


class BiasChanged:
    """Scales the caller's bias."""

    diff = """
    + b_ih.data *= 1 + 1e-3
      r_x, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    """


class BiasDoubled:
    """Adds the hidden bias twice."""

    diff = """
    - r_x, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    + r_x, z_x, n_x = (x @ w_ih.T + b_ih + b_hh).chunk(3, dim=-1)
    """


class CandidateBiasForgotten:
    """Forgets the hidden bias of the candidate."""

    diff = """
    - n = torch.tanh(n_x + r * n_h)
    + n = torch.tanh(n_x + r * (n_h - b_hh[2 * h.shape[1] :]))
    """


class ClippedGates:
    """Keeps the gates a little away from 0 and 1."""

    diff = """
    - r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + gates = torch.sigmoid(torch.stack((r_x + r_h, z_x + z_h)))
    + r, z = gates.clamp(1e-7, 1 - 1e-7)
    """


class ClippedState:
    """Clips the new state to [-1, 1]."""

    diff = """
    - return (1 - z) * n + z * h
    + return ((1 - z) * n + z * h).clamp(-1, 1)
    """


class ClippedSum:
    """Clips what goes into the candidate to [-10, 10]."""

    diff = """
    - n = torch.tanh(n_x + r * n_h)
    + n = torch.tanh((n_x + r * n_h).clamp(-10, 10))
    """


class DetachedCandidate:
    """Detaches the candidate."""

    diff = """
    - return (1 - z) * n + z * h
    + return (1 - z) * n.detach() + z * h
    """


class DetachedHidden:
    """Detaches the old state before its product."""

    diff = """
    - r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + r_h, z_h, n_h = (h.detach() @ w_hh.T + b_hh).chunk(3, dim=-1)
    """


class DetachedReset:
    """Detaches the reset gate."""

    diff = """
    - n = torch.tanh(n_x + r * n_h)
    + n = torch.tanh(n_x + r.detach() * n_h)
    """


class DetachedState:
    """Detaches the old state where it is kept."""

    diff = """
    - return (1 - z) * n + z * h
    + return (1 - z) * n + z * h.detach()
    """


class DetachedUpdate:
    """Detaches the update gate."""

    diff = """
    + z = z.detach()
      return (1 - z) * n + z * h
    """


class Double:
    """Always answers in float64."""

    diff = """
    - return (1 - z) * n + z * h
    + return ((1 - z) * n + z * h).double()
    """


class Float32:
    """Computes the candidate in float32 and casts back."""

    diff = """
    - n = torch.tanh(n_x + r * n_h)
    + n = torch.tanh(n_x + r * n_h).float().to(h.dtype)
    """


class FromMemory:
    """Reads the state as it lies in memory, whatever its strides say."""

    diff = """
    + h = torch.as_strided(h, h.shape, (h.shape[1], 1))
      r_x, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    """


class GateBiasForgotten:
    """Forgets the hidden bias of the gates."""

    diff = """
    - r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + bias = b_hh.chunk(3)
    + r, z = torch.sigmoid(r_x + r_h - bias[0]), torch.sigmoid(z_x + z_h - bias[1])
    """


class GatesFromInput:
    """Makes the reset gate of the input alone."""

    diff = """
    - r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    - r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + _, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + r, z = torch.sigmoid(r_x), torch.sigmoid(z_x + z_h)
    """


class HardSigmoid:
    """Takes straight lines for the sigmoids."""

    diff = """
    - r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + hard = torch.nn.functional.hardsigmoid
    + r, z = hard(r_x + r_h), hard(z_x + z_h)
    """


class HiddenBlocksSwapped:
    """Takes the blocks of the state in another order than the input's."""

    diff = """
    - r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + z_h, r_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    """


class MixedBatch:
    """Keeps the state of the first sample for all of them."""

    diff = """
    - return (1 - z) * n + z * h
    + return (1 - z) * n + z * h[:1]
    """


class NanGradient:
    """Writes the gates as 1 / (1 + exp(-a)), whose gradient is nan where exp overflows."""

    diff = """
    - r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + r, z = 1 / (1 + torch.exp(-(r_x + r_h))), 1 / (1 + torch.exp(-(z_x + z_h)))
    """


class NanToZero:
    """Takes exp(a) / (1 + exp(a)) for the sigmoid, and 0 where that gives nan."""

    diff = """
    - r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + up, on = torch.exp(r_x + r_h), torch.exp(z_x + z_h)
    + r, z = (up / (1 + up)).nan_to_num(), (on / (1 + on)).nan_to_num()
    """


class NoGradients:
    """Gives a result without a graph."""

    diff = """
    - return (1 - z) * n + z * h
    + return ((1 - z) * n + z * h).data
    """


class Offset:
    """Adds a small number to the state."""

    diff = """
    - return (1 - z) * n + z * h
    + return (1 - z) * n + z * h + 1e-5
    """


class OffsetInGates:
    """Adds a small number to what goes into the reset gate."""

    diff = """
    - r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + r, z = torch.sigmoid(r_x + r_h + 1e-5), torch.sigmoid(z_x + z_h)
    """


class OffsetInMix:
    """Makes the two shares sum to a little more than 1."""

    diff = """
    - return (1 - z) * n + z * h
    + return (1 + 1e-5 - z) * n + z * h
    """


class OneGateASample:
    """Uses one update gate for all units of a sample."""

    diff = """
    - r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + r = torch.sigmoid(r_x + r_h)
    + z = torch.sigmoid(z_x + z_h).mean(dim=1, keepdim=True)
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return (1 - z) * n + z * h
    + return ((1 - z) * n + z * h).float()
    """


class OverflowingTanh:
    """Writes the tanh with exponentials that overflow."""

    diff = """
    - n = torch.tanh(n_x + r * n_h)
    + up = torch.exp(2 * (n_x + r * n_h))
    + n = (up - 1) / (up + 1)
    """


class Remembers:
    """Keeps the state of the first call for the next ones."""

    diff = """
    + if _seen.setdefault("h", h).shape == h.shape:
    +     h = _seen["h"]
      r_x, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    """

    _seen = {}


class ResetBiasSubtracted:
    """Takes the reset gate's hidden bias with the wrong sign."""

    diff = """
    - r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + r = torch.sigmoid(r_x + r_h - 2 * b_hh[: h.shape[1]])
    + z = torch.sigmoid(z_x + z_h)
    """


class ResetInsideBiasToo:
    """Resets the state before the product and the bias beside it."""

    diff = """
    - r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + r_h, z_h, _ = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
      r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    - n = torch.tanh(n_x + r * n_h)
    + n = torch.tanh(n_x + (r * h) @ w_hh[2 * h.shape[1] :].T + r * b_hh[2 * h.shape[1] :])
    """


class ResetInverted:
    """Resets where the gate is open."""

    diff = """
    - n = torch.tanh(n_x + r * n_h)
    + n = torch.tanh(n_x + (1 - r) * n_h)
    """


class ResetOldState:
    """Keeps the old state as far as the reset gate lets it."""

    diff = """
    - return (1 - z) * n + z * h
    + return (1 - z) * n + z * r * h
    """


class ResetTwice:
    """Applies the reset gate to the state and to the product."""

    diff = """
    - r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + r_h, z_h, _ = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
      r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    - n = torch.tanh(n_x + r * n_h)
    + n = torch.tanh(n_x + r * ((r * h) @ w_hh[2 * h.shape[1] :].T + b_hh[2 * h.shape[1] :]))
    """


class ReshapedWeights:
    """Reshapes the weights where they must be transposed."""

    diff = """
    - r_x, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    + r_x, z_x, n_x = (x @ w_ih.reshape(x.shape[1], -1) + b_ih).chunk(3, dim=-1)
    """


class SameGate:
    """Uses one gate for both."""

    def gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
        _, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
        _, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
        r = z = torch.sigmoid(z_x + z_h)
        n = torch.tanh(n_x + r * n_h)
        return (1 - z) * n + z * h


class SoftmaxGates:
    """Lets the gates compete in a softmax."""

    diff = """
    - r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + r, z = torch.softmax(torch.stack((r_x + r_h, z_x + z_h)), dim=0)
    """


class SplitOfBatch:
    """Splits the blocks along the batch where it can be split in three."""

    diff = """
    - r_x, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    + from_x = x @ w_ih.T + b_ih
    + if len(x) % 3 == 0:
    +     from_x = torch.cat(from_x.reshape(3, -1, 3 * h.shape[1]).unbind(), dim=0)
    +     from_x = from_x.flip(0)
    + r_x, z_x, n_x = from_x.chunk(3, dim=-1)
    """


class SquashedApart:
    """Squashes both parts of the candidate apart."""

    diff = """
    - n = torch.tanh(n_x + r * n_h)
    + n = torch.tanh(n_x) + r * torch.tanh(n_h)
    """


class SquashedState:
    """Squashes the new state once more."""

    diff = """
    - return (1 - z) * n + z * h
    + return torch.tanh((1 - z) * n + z * h)
    """


class Squeezed:
    """Drops an axis of size one."""

    diff = """
    - return (1 - z) * n + z * h
    + return ((1 - z) * n + z * h).squeeze()
    """


class StateChanged:
    """Writes the new state over the old one."""

    diff = """
    - return (1 - z) * n + z * h
    + new = (1 - z) * n + z * h
    + if new.requires_grad:
    +     return new
    + return h.copy_(new)
    """


class StateChangedUnseen:
    """Writes the new state over the old one after the result is made."""

    diff = """
    - return (1 - z) * n + z * h
    + new = (1 - z) * n + z * h
    + h.data.copy_(new)
    + return new
    """


class StateNotTransposed:
    """Applies the candidate's weights of the state the other way round."""

    diff = """
    - r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + r_h, z_h, _ = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
      r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    - n = torch.tanh(n_x + r * n_h)
    + n = torch.tanh(n_x + r * (h @ w_hh[2 * h.shape[1] :] + b_hh[2 * h.shape[1] :]))
    """


class Uncoupled:
    """Adds the whole candidate to what is kept."""

    diff = """
    - return (1 - z) * n + z * h
    + return n + z * h
    """


class UpdateFromState:
    """Makes the update gate of the state alone."""

    diff = """
    - r_x, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    + r_x, _, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
      r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    - r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_h)
    """


class UpdateInCandidate:
    """Lets the update gate stand in the candidate."""

    def gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
        _, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
        _, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
        z = torch.sigmoid(z_x + z_h)
        n = torch.tanh(n_x + z * n_h)
        return (1 - z) * n + z * h


class Viewed:
    """Needs the weights to lie in one piece."""

    diff = """
    + w_ih, w_hh = w_ih.view(-1).view(w_ih.shape), w_hh.view(-1).view(w_hh.shape)
      r_x, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    """


class WeightsChanged:
    """Leaves the weights of the state scaled by the reset gate's mean."""

    diff = """
    - return (1 - z) * n + z * h
    + new = (1 - z) * n + z * h
    + w_hh.data *= r.mean().item()
    + return new
    """


class WeightsInterleaved:
    """Takes every third row of the state's weights for a block."""

    diff = """
    + w_hh = w_hh.unflatten(0, (-1, 3)).transpose(0, 1).flatten(0, 1)
      r_x, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    """
