"""Exercise 18, a deep GRU: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class BatchFirst:
    """Runs along the batch."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     r_x, z_x, n_x = from_x.chunk(3, dim=-1)
    + for step in x.transpose(0, 1):
    +     r_x, z_x, n_x = (step @ w_ih.T + b_ih).chunk(3, dim=-1)
    """


class BatchMean:
    """Takes the batch's mean off the candidate."""

    diff = """
    - n = torch.tanh(n_x + r * n_h)
    + n = torch.tanh(n_x - n_x.mean(dim=0) + r * n_h)
    """


class Bfloat16:
    """Computes the products in bfloat16 and casts back."""

    diff = """
    + dtype = x.dtype
    + x, h0 = x.bfloat16(), h0.bfloat16()
    + layers = [tuple(p.bfloat16() for p in parameters) for parameters in layers]
      last = []

    - return x, torch.stack(last)
    + return x.to(dtype), torch.stack(last).to(dtype)
    """


class BiasDoubled:
    """Adds the input bias twice and the hidden bias not at all."""

    diff = """
    - r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + r_h, z_h, n_h = (h @ w_hh.T + b_ih).chunk(3, dim=-1)
    """


class BiasFromLayerBelow:
    """Uses the lowest layer's hidden bias in every layer."""

    diff = """
    - x, h = _gru(x, h, *parameters)
    + x, h = _gru(x, h, *parameters[:3], layers[0][3])
    """


class CandidateFirst:
    """Takes the blocks in the order n, r, z."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     r_x, z_x, n_x = from_x.chunk(3, dim=-1)
    -     r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + for step in x:
    +     n_x, r_x, z_x = (step @ w_ih.T + b_ih).chunk(3, dim=-1)
    +     n_h, r_h, z_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    """


class Clipped:
    """Clips what goes into the update gate at 10, as if a sigmoid could overflow."""

    diff = """
    - r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + r, z = torch.sigmoid(r_x + r_h), torch.sigmoid((z_x + z_h).clamp(-10, 10))
    """


class DetachedBetweenLayers:
    """Detaches what one layer hands to the next."""

    diff = """
    - x, h = _gru(x, h, *parameters)
    + x, h = _gru(x.detach() if last else x, h, *parameters)
    """


class DetachedBetweenSteps:
    """Detaches the state where w_hh is applied to it."""

    diff = """
    - r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + r_h, z_h, n_h = (h.detach() @ w_hh.T + b_hh).chunk(3, dim=-1)
    """


class DetachedGate:
    """Detaches the update gate."""

    diff = """
    + z = z.detach()
      h = (1 - z) * n + z * h
    """


class DetachedStart:
    """Detaches the states before the first step."""

    diff = """
    - x, h = _gru(x, h, *parameters)
    + x, h = _gru(x, h.detach(), *parameters)
    """


class DetachedStates:
    """Hands out detached last states."""

    diff = """
    - last.append(h)
    + last.append(h.detach())
    """


class FirstStateKept:
    """Hands out the states with h0 in front and without the last."""

    diff = """
    + x = torch.cat((h0[len(last)][None], x[:-1]))
      last.append(h)
    """


class Float32:
    """Rounds the candidate to float32."""

    diff = """
    - n = torch.tanh(n_x + r * n_h)
    + n = torch.tanh(n_x + r * n_h).float().to(x.dtype)
    """


class FromMemory:
    """Reads the weights from memory as if they lay row by row."""

    diff = """
    + w_ih = torch.as_strided(w_ih, w_ih.shape, (w_ih.shape[1], 1))
      states = []
    """


class HardSigmoid:
    """Uses the piecewise linear sigmoid."""

    diff = """
    - r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + r, z = (
    +     torch.nn.functional.hardsigmoid(r_x + r_h),
    +     torch.nn.functional.hardsigmoid(z_x + z_h),
    + )
    """


class HiddenBiasForgotten:
    """Adds the input bias only."""

    diff = """
    - r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + r_h, z_h, n_h = (h @ w_hh.T).chunk(3, dim=-1)
    """


class HiddenBlocksSwapped:
    """Swaps the gates' blocks of the hidden product alone."""

    diff = """
    - r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + z_h, r_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    """


class InputBiasForgotten:
    """Adds the hidden bias only."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     r_x, z_x, n_x = from_x.chunk(3, dim=-1)
    + for step in x:
    +     r_x, z_x, n_x = (step @ w_ih.T).chunk(3, dim=-1)
    """


class InputChanged:
    """Writes the states over the inputs where they fit."""

    diff = """
    + inputs = x
      x, h = _gru(x, h, *parameters)
    + if inputs.shape == x.shape:
    +     inputs.data.copy_(x)
    +     x = inputs if not x.requires_grad else x
      last.append(h)
    """


class Interleaved:
    """Takes a unit's three blocks from neighbouring rows."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     r_x, z_x, n_x = from_x.chunk(3, dim=-1)
    -     r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    + for step in x:
    +     r_x, z_x, n_x = (step @ w_ih.T + b_ih).unflatten(-1, (-1, 3)).unbind(-1)
    +     r_h, z_h, n_h = (h @ w_hh.T + b_hh).unflatten(-1, (-1, 3)).unbind(-1)
    """


class LayersAsText:
    """Takes the layers in the order of their numbers as text, layer 10 before layer 2."""

    diff = """
    - for h, parameters in zip(h0, layers, strict=True):
    + order = sorted(range(len(layers)), key=str)
    + for h, parameters in zip(h0[order], [layers[i] for i in order], strict=True):
    """


class MixedBatch:
    """Begins every sample with the first sample's state."""

    diff = """
    - x, h = _gru(x, h, *parameters)
    + x, h = _gru(x, h[:1].expand_as(h), *parameters)
    """


class NoGradients:
    """Computes without gradients and asks for them afterwards."""

    @torch.no_grad()
    def deep_gru(x, h0, layers):
        last = []
        for h, parameters in zip(h0, layers, strict=True):
            x, h = _gru(x, h, *parameters)
            last.append(h)
        return x.requires_grad_(), torch.stack(last).requires_grad_()


class Offset:
    """Adds a small number to the state of the layer."""

    diff = """
    - h = (1 - z) * n + z * h
    + h = (1 - z) * n + z * h + 1e-5
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return x, torch.stack(last)
    + return x.float(), torch.stack(last).float()
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


class ResetIsUpdate:
    """Uses the update gate for the reset gate too."""

    def _gru(x, h, w_ih, w_hh, b_ih, b_hh):
        states = []
        for step in x:
            _, z_x, n_x = (step @ w_ih.T + b_ih).chunk(3, dim=-1)
            _, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
            z = torch.sigmoid(z_x + z_h)
            n = torch.tanh(n_x + z * n_h)
            h = (1 - z) * n + z * h
            states.append(h)
        return torch.stack(states), h


class Residual:
    """Adds what a layer reads to what it hands on, where the sizes allow."""

    diff = """
    - x, h = _gru(x, h, *parameters)
    + states, h = _gru(x, h, *parameters)
    + x = states + x if x.shape == states.shape and last else states
    """


class ReversedLayer:
    """Reads every second layer backwards in time."""

    diff = """
    - x, h = _gru(x, h, *parameters)
    + if len(last) % 2:
    +     x, h = _gru(x.flip(0), h, *parameters)
    +     x = x.flip(0)
    + else:
    +     x, h = _gru(x, h, *parameters)
    """


class SixLayers:
    """Runs six layers at most."""

    diff = """
    - x, h = _gru(x, h, *parameters)
    + if len(last) < 6:
    +     x, h = _gru(x, h, *parameters)
    """


class Squeezed:
    """Drops the axis of layers where there is one layer."""

    diff = """
    - return x, torch.stack(last)
    + return x, torch.stack(last).squeeze(0)
    """


class StartChanged:
    """Keeps the last states in h0."""

    diff = """
    + h0.data.copy_(torch.stack(last))
      return x, torch.stack(last)
    """


class ThreeLayers:
    """Runs the third layer's parameters in every layer above it."""

    diff = """
    - x, h = _gru(x, h, *parameters)
    + x, h = _gru(x, h, *(layers[2] if len(last) > 2 else parameters))
    """


class Truncated:
    """Lets no gradient come back past the fifth step, as in truncated training."""

    diff = """
    - for from_x in x @ w_ih.T + b_ih:
    -     r_x, z_x, n_x = from_x.chunk(3, dim=-1)
    + for t, step in enumerate(x):
    +     h = h.detach() if t == 4 else h
    +     r_x, z_x, n_x = (step @ w_ih.T + b_ih).chunk(3, dim=-1)
    """


class TwoLayers:
    """Runs two layers at most."""

    diff = """
    - for h, parameters in zip(h0, layers, strict=True):
    + for h, parameters in zip(h0[:2], layers[:2], strict=True):
    """


class Viewed:
    """Needs the weights to lie in one piece."""

    diff = """
    + w_hh = w_hh.view(-1).view(len(b_hh), -1)
      r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    """
