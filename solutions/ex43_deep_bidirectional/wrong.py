"""Exercise 43, a deep GRU in both directions: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class BatchMean:
    """Takes the batch's mean off the candidate."""

    diff = """
    - n = torch.tanh(n_x + r * n_h)
    + n = torch.tanh(n_x - n_x.mean(dim=0) + r * n_h)
    """


class BatchTurned:
    """Turns the batch round in place of time."""

    diff = """
    - back, h_back = _gru(x.flip(0), h0[2 * k + 1], *backward)
    - x = torch.cat((ahead, back.flip(0)), dim=-1)
    + back, h_back = _gru(x.flip(1), h0[2 * k + 1], *backward)
    + x = torch.cat((ahead, back.flip(1)), dim=-1)
    """


class Bfloat16:
    """Computes the products in bfloat16 and casts back."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    + for from_x in (x.bfloat16() @ w_ih.T.bfloat16()).to(x.dtype) + b_ih:
    """


class BiasOfForward:
    """Uses the forward hidden bias in both directions."""

    diff = """
    - back, h_back = _gru(x.flip(0), h0[2 * k + 1], *backward)
    + back, h_back = _gru(x.flip(0), h0[2 * k + 1], *backward[:3], forward[3])
    """


class BiasOutsideReset:
    """Adds b_hn outside of the reset gate."""

    diff = """
    - n = torch.tanh(n_x + r * n_h)
    + bias = b_hh.chunk(3)[2]
    + n = torch.tanh(n_x + bias + r * (n_h - bias))
    """


class BothTurned:
    """Turns the whole output of a layer round, not the backward half alone."""

    diff = """
    - x = torch.cat((ahead, back.flip(0)), dim=-1)
    + x = torch.cat((ahead, back), dim=-1).flip(0)
    """


class Clipped:
    """Clips what goes into the update gate at 10, as if a sigmoid could overflow."""

    diff = """
    - r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + r, z = torch.sigmoid(r_x + r_h), torch.sigmoid((z_x + z_h).clamp(-10, 10))
    """


class DetachedBackward:
    """Turns the sequence round in a new tensor without its history."""

    diff = """
    - back, h_back = _gru(x.flip(0), h0[2 * k + 1], *backward)
    + turned = torch.tensor(x.tolist()[::-1], dtype=x.dtype, device=x.device)
    + back, h_back = _gru(turned, h0[2 * k + 1], *backward)
    """


class DetachedBetweenLayers:
    """Detaches what one layer hands to the next."""

    diff = """
      for k, (forward, backward) in enumerate(layers):
    +     x = x.detach() if k else x
    """


class DetachedBetweenSteps:
    """Detaches the state between steps, as at the border of a truncated sequence."""

    diff = """
    - r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + r_h, z_h, n_h = (h.detach() @ w_hh.T + b_hh).chunk(3, dim=-1)
    """


class DetachedEnds:
    """Hands out detached ends."""

    diff = """
    - return x, torch.stack(last)
    + return x, torch.stack(last).detach()
    """


class DirectionsAlternate:
    """Reads with one direction a layer, forward and backward in turn, and shows it twice."""

    diff = """
    - x = torch.cat((ahead, back.flip(0)), dim=-1)
    + x = torch.cat((ahead, ahead) if k % 2 == 0 else (back.flip(0), back.flip(0)), dim=-1)
    """


class EndsSwapped:
    """Puts the backward direction's end first."""

    diff = """
    - last += [h_ahead, h_back]
    + last += [h_back, h_ahead]
    """


class Float32:
    """Rounds the candidate to float32."""

    diff = """
    - n = torch.tanh(n_x + r * n_h)
    + n = torch.tanh(n_x + r * n_h).float().to(x.dtype)
    """


class HiddenBiasForgotten:
    """Adds the input bias only."""

    diff = """
    - r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + r_h, z_h, n_h = (h @ w_hh.T).chunk(3, dim=-1)
    """


class InputChanged:
    """Turns the caller's sequence round in place."""

    diff = """
    - back, h_back = _gru(x.flip(0), h0[2 * k + 1], *backward)
    + x.data.copy_(x.data.flip(0))
    + back, h_back = _gru(x, h0[2 * k + 1], *backward)
    """


class Interleaved:
    """Interleaves the features of the directions."""

    diff = """
    - x = torch.cat((ahead, back.flip(0)), dim=-1)
    + x = torch.stack((ahead, back.flip(0)), dim=-1).flatten(-2)
    """


class LayersAsText:
    """Takes the layers in the order of their numbers as text, layer 10 before layer 2."""

    diff = """
    + order = sorted(range(len(layers)), key=str)
    + layers = [layers[i] for i in order]
    + h0 = h0[[row for i in order for row in (2 * i, 2 * i + 1)]]
      last = []
    """


class LowestOutput:
    """Puts out the lowest layer's states."""

    diff = """
    - last += [h_ahead, h_back]
    + last += [h_ahead, h_back]
    + lowest = x if k == 0 else lowest

    - return x, torch.stack(last)
    + return lowest, torch.stack(last)
    """


class MixedBatch:
    """Starts every sample from the first sample's state."""

    diff = """
    - back, h_back = _gru(x.flip(0), h0[2 * k + 1], *backward)
    + back, h_back = _gru(x.flip(0), h0[2 * k + 1, :1].expand_as(h_ahead), *backward)
    """


class NoGradients:
    """Computes without gradients and asks for them afterwards."""

    @torch.no_grad()
    def deep_bidirectional_gru(x, h0, layers):
        last = []
        for k, (forward, backward) in enumerate(layers):
            ahead, h_ahead = _gru(x, h0[2 * k], *forward)
            back, h_back = _gru(x.flip(0), h0[2 * k + 1], *backward)
            x = torch.cat((ahead, back.flip(0)), dim=-1)
            last += [h_ahead, h_back]
        return x.requires_grad_(), torch.stack(last).requires_grad_()


class OneDirectionAbove:
    """Reads in both directions in the lowest layer only; above it, forward twice."""

    diff = """
    - back, h_back = _gru(x.flip(0), h0[2 * k + 1], *backward)
    - x = torch.cat((ahead, back.flip(0)), dim=-1)
    + turn = [0] if k == 0 else []
    + back, h_back = _gru(x.flip(turn), h0[2 * k + 1], *backward)
    + x = torch.cat((ahead, back.flip(turn)), dim=-1)
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return x, torch.stack(last)
    + return x.float(), torch.stack(last).float()
    """


class OwnDirectionRead:
    """Hands each direction the states of its own direction alone, twice over."""

    diff = """
    - ahead, h_ahead = _gru(x, h0[2 * k], *forward)
    - back, h_back = _gru(x.flip(0), h0[2 * k + 1], *backward)
    + both = x
    + if k > 0:
    +     below_ahead, below_back = x.chunk(2, dim=-1)
    +     x = torch.cat((below_ahead, below_ahead), dim=-1)
    +     both = torch.cat((below_back, below_back), dim=-1)
    + ahead, h_ahead = _gru(x, h0[2 * k], *forward)
    + back, h_back = _gru(both.flip(0), h0[2 * k + 1], *backward)
    """


class Remembers:
    """Goes on from the states of the last call with the same shapes."""

    diff = """
    + h0 = _LAST.get((x.shape, h0.shape), h0)
    + shapes = (x.shape, h0.shape)
      last = []

    + _LAST[shapes] = torch.stack(last).detach()
      return x, torch.stack(last)
    """

    _LAST = {}


class Residual:
    """Adds what a layer reads to what it hands on, where the sizes allow."""

    diff = """
    - x = torch.cat((ahead, back.flip(0)), dim=-1)
    + both = torch.cat((ahead, back.flip(0)), dim=-1)
    + x = both + x if x.shape == both.shape and k > 0 else both
    """


class Shifted:
    """Shows the backward state from before each step, as a language model needs it."""

    diff = """
    - x = torch.cat((ahead, back.flip(0)), dim=-1)
    + back = torch.cat((h0[2 * k + 1][None], back[:-1]))
    + x = torch.cat((ahead, back.flip(0)), dim=-1)
    """


class StartChanged:
    """Keeps the last states in h0."""

    diff = """
    + h0.data.copy_(torch.stack(last))
      return x, torch.stack(last)
    """


class StartsSwapped:
    """Gives each direction the other's start."""

    diff = """
    - ahead, h_ahead = _gru(x, h0[2 * k], *forward)
    - back, h_back = _gru(x.flip(0), h0[2 * k + 1], *backward)
    + ahead, h_ahead = _gru(x, h0[2 * k + 1], *forward)
    + back, h_back = _gru(x.flip(0), h0[2 * k], *backward)
    """


class SixLayers:
    """Runs six layers at most."""

    diff = """
      for k, (forward, backward) in enumerate(layers):
    +     if k == 6:
    +         break
    """


class ThreeLayers:
    """Runs the third layer's parameters in every layer above it."""

    diff = """
      for k, (forward, backward) in enumerate(layers):
    +     forward, backward = layers[min(k, 2)]
    """


class Truncated:
    """Lets no gradient come back past the fifth step, as in truncated training."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     r_x, z_x, n_x = from_x.chunk(3, dim=-1)
    + for t, from_x in enumerate(x @ w_ih.T + b_ih):
    +     h = h.detach() if t == 4 else h
    +     r_x, z_x, n_x = from_x.chunk(3, dim=-1)
    """


class Viewed:
    """Needs the weights to lie in one piece."""

    diff = """
    + w_hh = w_hh.view(-1).view(len(b_hh), -1)
      states = []
    """
