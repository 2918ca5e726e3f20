"""Exercise 19, both directions of time: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class BatchFirst:
    """Runs along the batch."""

    diff = """
    + x = x.transpose(0, 1)
      ahead, h_ahead = _rnn(x, h0[0], *forward)
    """


class BatchMean:
    """Takes the batch's mean off the inputs."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     h = torch.tanh(from_x + h @ w_hh.T + b_hh)
    + for step in x - x.mean(dim=1, keepdim=True):
    +     h = torch.tanh(step @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    """


class Bfloat16:
    """Computes in bfloat16 and casts back."""

    def bidirectional_rnn(x, h0, forward, backward):
        dtype, x, h0 = x.dtype, x.bfloat16(), h0.bfloat16()
        forward, backward = ([p.bfloat16() for p in each] for each in (forward, backward))
        ahead, h_ahead = _rnn(x, h0[0], *forward)
        back, h_back = _rnn(x.flip(0), h0[1], *backward)
        output = torch.cat((ahead, back.flip(0)), dim=-1)
        return output.to(dtype), torch.stack((h_ahead, h_back)).to(dtype)


class BiasChanged:
    """Sums the biases in place, in the caller's tensor."""

    diff = """
    + b_ih.data += b_hh
      states = []
      for from_x in x @ w_ih.T + b_ih:
    -     h = torch.tanh(from_x + h @ w_hh.T + b_hh)
    +     h = torch.tanh(from_x + h @ w_hh.T)
    """


class BiasDoubled:
    """Adds the input bias twice and the hidden bias not at all."""

    diff = """
    - h = torch.tanh(from_x + h @ w_hh.T + b_hh)
    + h = torch.tanh(from_x + h @ w_hh.T + b_ih)
    """


class BiasShared:
    """Uses the forward hidden bias in both directions."""

    diff = """
    - back, h_back = _rnn(x.flip(0), h0[1], *backward)
    + back, h_back = _rnn(x.flip(0), h0[1], *backward[:3], forward[3])
    """


class BothTurned:
    """Turns the whole output round."""

    diff = """
    - return torch.cat((ahead, back.flip(0)), dim=-1), torch.stack((h_ahead, h_back))
    + return torch.cat((ahead, back), dim=-1).flip(0), torch.stack((h_ahead, h_back))
    """


class Clipped:
    """Clips what goes into the tanh at 5."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     h = torch.tanh(from_x + h @ w_hh.T + b_hh)
    + for step in x:
    +     h = torch.tanh((step @ w_ih.T + b_ih + h @ w_hh.T + b_hh).clamp(-5, 5))
    """


class DetachedBackward:
    """Turns the sequence round in a new tensor without its history."""

    diff = """
    - back, h_back = _rnn(x.flip(0), h0[1], *backward)
    + back, h_back = _rnn(
    +     torch.tensor(x.tolist()[::-1], dtype=x.dtype, device=x.device), h0[1], *backward
    + )
    """


class DetachedBetweenSteps:
    """Detaches the state between steps, as at the border of a truncated sequence."""

    diff = """
    - h = torch.tanh(from_x + h @ w_hh.T + b_hh)
    + h = torch.tanh(from_x + h.detach() @ w_hh.T + b_hh)
    """


class DetachedEnds:
    """Hands out detached ends."""

    diff = """
    - return torch.cat((ahead, back.flip(0)), dim=-1), torch.stack((h_ahead, h_back))
    + return torch.cat((ahead, back.flip(0)), dim=-1), torch.stack((h_ahead, h_back)).detach()
    """


class DetachedOutput:
    """Detaches the backward half of the output."""

    diff = """
    - return torch.cat((ahead, back.flip(0)), dim=-1), torch.stack((h_ahead, h_back))
    + return torch.cat((ahead, back.flip(0).detach()), dim=-1), torch.stack((h_ahead, h_back))
    """


class EndsSwapped:
    """Puts the backward direction's end first."""

    diff = """
    - return torch.cat((ahead, back.flip(0)), dim=-1), torch.stack((h_ahead, h_back))
    + return torch.cat((ahead, back.flip(0)), dim=-1), torch.stack((h_back, h_ahead))
    """


class Float32:
    """Rounds what goes into the tanh to float32."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     h = torch.tanh(from_x + h @ w_hh.T + b_hh)
    + for step in x:
    +     h = torch.tanh((step @ w_ih.T + b_ih + h @ w_hh.T + b_hh).float()).to(x.dtype)
    """


class FromMemory:
    """Reads the weights from memory as if they lay row by row."""

    diff = """
    + w_ih = torch.as_strided(w_ih, w_ih.shape, (w_ih.shape[1], 1))
      states = []
    """


class HalfOfIt:
    """Computes the backward direction in float32."""

    diff = """
    - back, h_back = _rnn(x.flip(0), h0[1], *backward)
    + lower = [p.float() for p in backward]
    + back, h_back = _rnn(x.flip(0).float(), h0[1].float(), *lower)
    + back, h_back = back.to(x.dtype), h_back.to(x.dtype)
    """


class HardTanh:
    """Uses the piecewise linear tanh."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     h = torch.tanh(from_x + h @ w_hh.T + b_hh)
    + for step in x:
    +     h = torch.nn.functional.hardtanh(step @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    """


class InputBiasForgotten:
    """Adds the hidden bias only."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     h = torch.tanh(from_x + h @ w_hh.T + b_hh)
    + for step in x:
    +     h = torch.tanh(step @ w_ih.T + h @ w_hh.T + b_hh)
    """


class InputTurned:
    """Turns the caller's sequence round in place."""

    diff = """
    - back, h_back = _rnn(x.flip(0), h0[1], *backward)
    + x.data.copy_(x.data.flip(0))
    + back, h_back = _rnn(x, h0[1], *backward)
    """


class Interleaved:
    """Interleaves the features of the directions."""

    diff = """
    - return torch.cat((ahead, back.flip(0)), dim=-1), torch.stack((h_ahead, h_back))
    + return torch.stack((ahead, back.flip(0)), dim=-1).flatten(-2), torch.stack((h_ahead, h_back))
    """


class MixedBatch:
    """Starts every sample from the first sample's state."""

    diff = """
    - back, h_back = _rnn(x.flip(0), h0[1], *backward)
    + back, h_back = _rnn(x.flip(0), h0[1, :1].expand_as(h0[1]), *backward)
    """


class NoGradients:
    """Computes without gradients and asks for them afterwards."""

    @torch.no_grad()
    def bidirectional_rnn(x, h0, forward, backward):
        ahead, h_ahead = _rnn(x, h0[0], *forward)
        back, h_back = _rnn(x.flip(0), h0[1], *backward)
        output = torch.cat((ahead, back.flip(0)), dim=-1)
        return output.requires_grad_(), torch.stack((h_ahead, h_back)).requires_grad_()


class Offset:
    """Adds a small number to every state."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     h = torch.tanh(from_x + h @ w_hh.T + b_hh)
    + for step in x:
    +     h = torch.tanh(step @ w_ih.T + b_ih + h @ w_hh.T + b_hh) + 1e-5
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return torch.cat((ahead, back.flip(0)), dim=-1), torch.stack((h_ahead, h_back))
    + return torch.cat((ahead, back.flip(0)), dim=-1).float(), torch.stack((h_ahead, h_back)).float()
    """


class RecurrenceShared:
    """Uses the forward recurrent weights in both directions."""

    diff = """
    - back, h_back = _rnn(x.flip(0), h0[1], *backward)
    + back, h_back = _rnn(x.flip(0), h0[1], backward[0], forward[1], *backward[2:])
    """


class Relu:
    """Uses a relu."""

    diff = """
    - h = torch.tanh(from_x + h @ w_hh.T + b_hh)
    + h = torch.relu(from_x + h @ w_hh.T + b_hh)
    """


class Remembers:
    """Starts from the ends of the last call with the same shapes."""

    diff = """
    + h0 = _LAST.get((x.shape, h0.shape), h0)
      ahead, h_ahead = _rnn(x, h0[0], *forward)
      back, h_back = _rnn(x.flip(0), h0[1], *backward)
    + _LAST[x.shape, h0.shape] = torch.stack((h_ahead, h_back)).detach()
      return torch.cat((ahead, back.flip(0)), dim=-1), torch.stack((h_ahead, h_back))
    """

    _LAST = {}


class Shifted:
    """Shows the backward state from before each step, as a language model needs it."""

    diff = """
    + back = torch.cat((h0[1:], back[:-1]))
      return torch.cat((ahead, back.flip(0)), dim=-1), torch.stack((h_ahead, h_back))
    """


class Squeezed:
    """Drops an axis of size one."""

    diff = """
    - return torch.cat((ahead, back.flip(0)), dim=-1), torch.stack((h_ahead, h_back))
    + return torch.cat((ahead, back.flip(0)), dim=-1).squeeze(), torch.stack((h_ahead, h_back))
    """


class StartChanged:
    """Keeps the last states in h0."""

    diff = """
    + h0.data.copy_(torch.stack((h_ahead, h_back)))
      return torch.cat((ahead, back.flip(0)), dim=-1), torch.stack((h_ahead, h_back))
    """


class StartZero:
    """Starts the backward direction from zero."""

    diff = """
    - back, h_back = _rnn(x.flip(0), h0[1], *backward)
    + back, h_back = _rnn(x.flip(0), torch.zeros_like(h0[1]), *backward)
    """


class StartsSwapped:
    """Gives each direction the other's start."""

    def bidirectional_rnn(x, h0, forward, backward):
        ahead, h_ahead = _rnn(x, h0[1], *forward)
        back, h_back = _rnn(x.flip(0), h0[0], *backward)
        return torch.cat((ahead, back.flip(0)), dim=-1), torch.stack((h_ahead, h_back))


class Truncated:
    """Lets no gradient come back past the fifth step, as in truncated training."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     h = torch.tanh(from_x + h @ w_hh.T + b_hh)
    + for t, step in enumerate(x):
    +     h = h.detach() if t == 4 else h
    +     h = torch.tanh(step @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    """


class Viewed:
    """Needs the sequence to lie in one piece."""

    diff = """
    + x = x.view(-1).view(x.shape)
      ahead, h_ahead = _rnn(x, h0[0], *forward)
    """


class WeightsNotTransposed:
    """Applies the recurrent weights without transposing them."""

    diff = """
    - h = torch.tanh(from_x + h @ w_hh.T + b_hh)
    + h = torch.tanh(from_x + h @ w_hh + b_hh)
    """
