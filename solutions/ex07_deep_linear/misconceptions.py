"""Exercise 7, a deep linear network: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch
from torch.linalg import matrix_norm, vector_norm


def _signals(x, weights, activation=lambda signal: signal):
    signals = []
    for weight in weights:
        x = activation(x @ weight)
        signals.append(x)
    return signals


def _answer(signals, norm=vector_norm):
    return signals[-1], torch.stack([norm(signal) for signal in signals])


class Relu:
    """Your signals have no negative numbers: a ReLU slipped in. These layers are products only."""

    caught_by = "test_identity"

    def deep_linear(x, weights):
        return _answer(_signals(x, weights, torch.relu))


class Tanh:
    """Your signals look squashed by a tanh; these layers are products and nothing else."""

    caught_by = "test_identity"

    def deep_linear(x, weights):
        return _answer(_signals(x, weights, torch.tanh))


class Normalised:
    """You seem to divide each signal by its norm before it goes on; only note the norm down."""

    caught_by = "test_identity"

    def deep_linear(x, weights):
        norms = []
        for weight in weights:
            x = x @ weight
            norms.append(vector_norm(x))
            x = x / norms[-1]
        return x, torch.stack(norms)


class TransposedWeights:
    """You seem to multiply by the weights transposed; here they are (in, out): x @ weight."""

    caught_by = "test_output"

    def deep_linear(x, weights):
        return _answer(_signals(x, [weight.T for weight in weights]))


class LastFirst:
    """You seem to go through the weights from the last to the first; x meets weights[0] first."""

    caught_by = "test_output"

    def deep_linear(x, weights):
        return _answer(_signals(x, weights[::-1]))


class LastLayerDropped:
    """Your last layer looks left out of the output; it is linear here like all the others."""

    caught_by = "test_output"

    def deep_linear(x, weights):
        signals = [x, *_signals(x, weights)]
        return signals[-2], _answer(signals[1:])[1]


class InputIncluded:
    """Your norms seem to begin with that of x; note down those of H_1 .. H_L only."""

    caught_by = "test_identity"

    def deep_linear(x, weights):
        return _answer([x, *_signals(x, weights)])


class NormsTooEarly:
    """Your norms look measured before each layer, x first; measure after the product."""

    caught_by = "test_norms"

    def deep_linear(x, weights):
        signals = [x, *_signals(x, weights)]
        return signals[-1], _answer(signals[:-1])[1]


class NormsReversed:
    """Your norms come in the wrong order: the first is that of the first layer's signal."""

    caught_by = "test_norms"

    def deep_linear(x, weights):
        output, norms = _answer(_signals(x, weights))
        return output, norms.flip(0)


class NormsOfWeights:
    """Your norms look like those of the weights; measure the signals, H_1 .. H_L."""

    caught_by = "test_norms"

    def deep_linear(x, weights):
        return _signals(x, weights)[-1], _answer(weights)[1]


class Squared:
    """Your norms look squared; take the root of the sum of squares."""

    caught_by = "test_norms"

    def deep_linear(x, weights):
        return _answer(_signals(x, weights), lambda signal: signal.square().sum())


class MeanSquare:
    """Your norms look averaged over the elements; the Frobenius norm sums their squares."""

    caught_by = "test_norms"

    def deep_linear(x, weights):
        return _answer(_signals(x, weights), lambda signal: signal.square().mean().sqrt())


class MeanOfRows:
    """Your norms look like averages of each sample's norm; take all elements of H_l together."""

    caught_by = "test_norms"

    def deep_linear(x, weights):
        return _answer(_signals(x, weights), lambda signal: vector_norm(signal, dim=1).mean())


class SumOfRows:
    """Your norms look like sums of each sample's norm; take all elements of H_l together."""

    caught_by = "test_norms"

    def deep_linear(x, weights):
        return _answer(_signals(x, weights), lambda signal: vector_norm(signal, dim=1).sum())


class Spectral:
    """Your norms look like greatest singular values; the Frobenius norm counts every element."""

    caught_by = "test_norms"

    def deep_linear(x, weights):
        return _answer(_signals(x, weights), lambda signal: matrix_norm(signal, 2))


class AbsoluteSum:
    """Your norms look like sums of absolute values; the Frobenius norm is a root of squares."""

    caught_by = "test_norms"

    def deep_linear(x, weights):
        return _answer(_signals(x, weights), lambda signal: signal.abs().sum())


class NormsDetached:
    """No gradient flows through your norms: `.item()`, `float()` or `torch.tensor(norms)` makes new
    numbers of them. Keep the tensors, and stack them."""

    caught_by = "test_gradients"

    def deep_linear(x, weights):
        output, norms = _answer(_signals(x, weights))
        return output, norms.detach()
