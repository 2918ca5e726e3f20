"""Exercise 43, a deep GRU in both directions: what is timed."""

import torch

FUNCTION = "deep_bidirectional_gru"


def inputs(generator, device):
    """A batch of sequences, the states before, and the parameters, float32."""
    depth, time, batch, size = (3, 64, 256, 512) if device == "cuda" else (2, 20, 32, 96)

    def draw(*shape):
        return torch.randn(shape, generator=generator)

    def direction():
        w_ih = draw(3 * size, 2 * size) / (2 * size) ** 0.5
        return w_ih, draw(3 * size, size) / size**0.5, draw(3 * size), draw(3 * size)

    layers = [(direction(), direction()) for _ in range(depth)]
    return draw(time, batch, 2 * size), draw(2 * depth, batch, size), layers


def builtin(x, h0, layers):
    flat = [parameter for pair in layers for direction in pair for parameter in direction]
    return torch.gru(x, h0, flat, True, len(layers), 0.0, False, True, False)
