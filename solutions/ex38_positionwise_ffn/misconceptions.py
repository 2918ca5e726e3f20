"""Exercise 38, the feed-forward network at every position: what people really write, and the
sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _network(x, w1, b1, w2, b2, activation):
    return activation(x @ w1.T + b1) @ w2.T + b2


class ReluTwice:
    """Your result seems never to be negative: the ReLU stands between the layers, not after the
    second one as well."""

    caught_by = "test_asleep"

    def positionwise_ffn(x, w1, b1, w2, b2):
        return torch.relu(_network(x, w1, b1, w2, b2, torch.relu))


class ReluAtTheEnd:
    """Your ReLU looks applied to the result; it belongs between the two layers."""

    caught_by = "test_asleep"

    def positionwise_ffn(x, w1, b1, w2, b2):
        return torch.relu((x @ w1.T + b1) @ w2.T + b2)


class ReluOfInput:
    """Your ReLU looks applied to x; it belongs between the two layers."""

    caught_by = "test_asleep"

    def positionwise_ffn(x, w1, b1, w2, b2):
        return (torch.relu(x) @ w1.T + b1) @ w2.T + b2


class NoActivation:
    """Your network looks linear: without a ReLU between them, two layers are no more than one."""

    caught_by = "test_asleep"

    def positionwise_ffn(x, w1, b1, w2, b2):
        return (x @ w1.T + b1) @ w2.T + b2


class Gelu:
    """Your activation looks like a GELU, as in BERT and GPT; here it is a ReLU."""

    caught_by = "test_network"

    def positionwise_ffn(x, w1, b1, w2, b2):
        return _network(x, w1, b1, w2, b2, torch.nn.functional.gelu)


class Swish:
    """Your activation looks like a SiLU; here it is a ReLU."""

    caught_by = "test_network"

    def positionwise_ffn(x, w1, b1, w2, b2):
        return _network(x, w1, b1, w2, b2, torch.nn.functional.silu)


class Leaky:
    """Your activation looks like a leaky ReLU; here a negative sum becomes 0."""

    caught_by = "test_asleep"

    def positionwise_ffn(x, w1, b1, w2, b2):
        return _network(x, w1, b1, w2, b2, torch.nn.functional.leaky_relu)


class Tanh:
    """Your activation looks like a tanh; here it is a ReLU."""

    caught_by = "test_asleep"

    def positionwise_ffn(x, w1, b1, w2, b2):
        return _network(x, w1, b1, w2, b2, torch.tanh)


class Sigmoid:
    """Your activation looks like a sigmoid; here it is a ReLU."""

    caught_by = "test_awake"

    def positionwise_ffn(x, w1, b1, w2, b2):
        return _network(x, w1, b1, w2, b2, torch.sigmoid)


class Softmax:
    """Your hidden units look like a softmax; that is for attention, here each takes a ReLU."""

    caught_by = "test_awake"

    def positionwise_ffn(x, w1, b1, w2, b2):
        return _network(x, w1, b1, w2, b2, lambda hidden: torch.softmax(hidden, dim=-1))


class Absolute:
    """Your activation seems to turn negative sums positive; a ReLU makes them 0."""

    caught_by = "test_asleep"

    def positionwise_ffn(x, w1, b1, w2, b2):
        return _network(x, w1, b1, w2, b2, torch.abs)


class FirstBiasForgotten:
    """Your b1 seems to be missing: add it before the ReLU."""

    caught_by = "test_awake"

    def positionwise_ffn(x, w1, b1, w2, b2):
        return torch.relu(x @ w1.T) @ w2.T + b2


class SecondBiasForgotten:
    """Your b2 seems to be missing: add it to the result."""

    caught_by = "test_asleep"

    def positionwise_ffn(x, w1, b1, w2, b2):
        return torch.relu(x @ w1.T + b1) @ w2.T


class BothBiasesForgotten:
    """Your biases seem to be missing: each layer has one, b1 before the ReLU and b2 at the end."""

    caught_by = "test_asleep"

    def positionwise_ffn(x, w1, b1, w2, b2):
        return torch.relu(x @ w1.T) @ w2.T


class BiasAfterRelu:
    """You seem to add b1 after the ReLU; it belongs to the sum that the ReLU cuts off at 0."""

    caught_by = "test_asleep"

    def positionwise_ffn(x, w1, b1, w2, b2):
        return (torch.relu(x @ w1.T) + b1) @ w2.T + b2


class ResidualAdded:
    """You seem to add x to the result; the shortcut is not part of this network."""

    caught_by = "test_asleep"

    def positionwise_ffn(x, w1, b1, w2, b2):
        return x + _network(x, w1, b1, w2, b2, torch.relu)


class FirstNotTransposed:
    """You seem to multiply by w1 as it is; it is (F, D), so a row of x meets its transpose."""

    caught_by = "test_awake"

    def positionwise_ffn(x, w1, b1, w2, b2):
        return torch.relu(x @ w1 + b1) @ w2.T + b2


class SecondNotTransposed:
    """You seem to multiply by w2 as it is; it is (O, F), so the hidden units meet its transpose."""

    caught_by = "test_awake"

    def positionwise_ffn(x, w1, b1, w2, b2):
        return torch.relu(x @ w1.T + b1) @ w2 + b2


class MeanOfPositions:
    """Your result looks the same at every position of a sample: do not average the positions; each
    goes through the network by itself."""

    caught_by = "test_awake"

    def positionwise_ffn(x, w1, b1, w2, b2):
        x = x.mean(dim=1, keepdim=True).expand_as(x)
        return _network(x, w1, b1, w2, b2, torch.relu)
