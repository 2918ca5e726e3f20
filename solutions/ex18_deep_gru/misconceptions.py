"""Exercise 18, a deep GRU: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _products(x, h, w_ih, w_hh, b_ih, b_hh):
    """What x and h contribute to each of the three blocks."""
    return (x @ w_ih.T + b_ih).chunk(3, dim=-1), (h @ w_hh.T + b_hh).chunk(3, dim=-1)


def _stack(x, h0, layers, layer=_gru):
    """The right stack, of layers that may be wrong; `_gru` is the reference's."""
    last = []
    for h, parameters in zip(h0, layers, strict=True):
        x, h = layer(x, h, *parameters)
        last.append(h)
    return x, torch.stack(last)


def _stepwise(step):
    """A layer that takes `step` through time."""

    def layer(x, h, *parameters):
        states = []
        for inputs in x:
            h = step(inputs, h, *parameters)
            states.append(h)
        return torch.stack(states), h

    return layer


class EveryLayersOutputs:
    """You seem to put out the states of all layers; `output` holds those of the topmost alone."""

    caught_by = "test_halved"

    def deep_gru(x, h0, layers):
        outputs, last = [], []
        for h, parameters in zip(h0, layers, strict=True):
            x, h = _gru(x, h, *parameters)
            outputs.append(x)
            last.append(h)
        return torch.cat(outputs, dim=-1), torch.stack(last)


class LowestOutput:
    """Your output looks like that of the lowest layer; it is the topmost layer's."""

    caught_by = "test_halved"

    def deep_gru(x, h0, layers):
        _, h_n = _stack(x, h0, layers)
        return _gru(x, h0[0], *layers[0])[0], h_n


class TopStateAlone:
    """Your h_n looks like the topmost layer's state; it holds the last state of every layer."""

    caught_by = "test_halved"

    def deep_gru(x, h0, layers):
        output, h_n = _stack(x, h0, layers)
        return output, h_n[-1:]


class StatesFromTheTop:
    """Your h_n looks turned round: the lowest layer's state comes first, as in h0."""

    caught_by = "test_halved"

    def deep_gru(x, h0, layers):
        output, h_n = _stack(x, h0, layers)
        return output, h_n.flip(0)


class SameInput:
    """Every layer of yours seems to read x; those above the lowest read the layer below them."""

    caught_by = "test_stack"

    def deep_gru(x, h0, layers):
        results = [_gru(x, h, *parameters) for h, parameters in zip(h0, layers, strict=True)]
        return results[-1][0], torch.stack([h for _, h in results])


class LayersFromTheTop:
    """You seem to start with the last layer of the list; the first is the one that reads x."""

    caught_by = "test_halved"

    def deep_gru(x, h0, layers):
        return _stack(x, h0.flip(0), layers[::-1])


class SameFirstState:
    """Every layer of yours seems to begin with h0[0]; layer l begins with h0[l]."""

    caught_by = "test_halved"

    def deep_gru(x, h0, layers):
        return _stack(x, h0[:1].expand_as(h0), layers)


class StateHandedUp:
    """Your layers seem to begin with the last state of the layer below; layer l begins with
    h0[l]."""

    caught_by = "test_halved"

    def deep_gru(x, h0, layers):
        h, last = h0[0], []
        for parameters in layers:
            x, h = _gru(x, h, *parameters)
            last.append(h)
        return x, torch.stack(last)


class LastStateRead:
    """Your upper layers seem to read the last state of the layer below at every step; at step t
    they read its state at step t."""

    caught_by = "test_stack"

    def deep_gru(x, h0, layers):
        last = []
        for h, parameters in zip(h0, layers, strict=True):
            output, h = _gru(x, h, *parameters)
            x = h.expand_as(output)
            last.append(h)
        return output, torch.stack(last)


class SameLayer:
    """You seem to use the first layer's parameters in the whole stack; every layer has its own."""

    caught_by = "test_stack"

    def deep_gru(x, h0, layers):
        return _stack(x, h0, [layers[0]] * len(layers))


class UpdateFirst:
    """Your blocks look stacked as z, r, n; here the reset gate comes first: r, z, n."""

    caught_by = "test_one_layer"

    def deep_gru(x, h0, layers):
        def swapped(parameter):
            r, z, n = parameter.chunk(3)
            return torch.cat((z, r, n))

        return _stack(x, h0, [tuple(map(swapped, parameters)) for parameters in layers])


class ResetBeforeProduct:
    """You seem to reset h before the product, as the paper does; torch's GRU resets the product,
    its bias included: r * (W_hn h + b_hn)."""

    caught_by = "test_one_layer"

    def deep_gru(x, h0, layers):
        def step(x, h, w_ih, w_hh, b_ih, b_hh):
            (r_x, z_x, n_x), (r_h, z_h, _) = _products(x, h, w_ih, w_hh, b_ih, b_hh)
            r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
            n = torch.tanh(n_x + (r * h) @ w_hh.chunk(3)[2].T + b_hh.chunk(3)[2])
            return (1 - z) * n + z * h

        return _stack(x, h0, layers, _stepwise(step))


class BiasOutsideReset:
    """Your b_hn seems to stand outside the reset gate; it is inside: r * (W_hn h + b_hn)."""

    caught_by = "test_one_layer"

    def deep_gru(x, h0, layers):
        def step(x, h, w_ih, w_hh, b_ih, b_hh):
            bias = b_hh.chunk(3)[2]
            (r_x, z_x, n_x), (r_h, z_h, n_h) = _products(x, h, w_ih, w_hh, b_ih, b_hh)
            r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
            return (1 - z) * torch.tanh(n_x + bias + r * (n_h - bias)) + z * h

        return _stack(x, h0, layers, _stepwise(step))


class ResetForgotten:
    """Your candidate seems to do without the reset gate; r multiplies what comes from h."""

    caught_by = "test_one_layer"

    def deep_gru(x, h0, layers):
        def step(x, h, *parameters):
            (_, z_x, n_x), (_, z_h, n_h) = _products(x, h, *parameters)
            z = torch.sigmoid(z_x + z_h)
            return (1 - z) * torch.tanh(n_x + n_h) + z * h

        return _stack(x, h0, layers, _stepwise(step))


class UpdateInverted:
    """Your update gate looks inverted; a z of 1 keeps the old state: (1 - z) * n + z * h."""

    caught_by = "test_one_layer"

    def deep_gru(x, h0, layers):
        def step(x, h, *parameters):
            (r_x, z_x, n_x), (r_h, z_h, n_h) = _products(x, h, *parameters)
            r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
            return z * torch.tanh(n_x + r * n_h) + (1 - z) * h

        return _stack(x, h0, layers, _stepwise(step))


class OverflowingSigmoid:
    """Your sigmoid overflows: exp(a) / (1 + exp(a)) is inf / inf for a large a; torch.sigmoid knows
    how to avoid it."""

    caught_by = "test_large"

    def deep_gru(x, h0, layers):
        def step(x, h, *parameters):
            (r_x, z_x, n_x), (r_h, z_h, n_h) = _products(x, h, *parameters)
            r, z = (torch.exp(a) / (1 + torch.exp(a)) for a in (r_x + r_h, z_x + z_h))
            return (1 - z) * torch.tanh(n_x + r * n_h) + z * h

        return _stack(x, h0, layers, _stepwise(step))
