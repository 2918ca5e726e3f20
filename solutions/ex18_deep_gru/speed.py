"""Exercise 18, a deep GRU: what is timed."""

import torch

FUNCTION = "deep_gru"


def inputs(generator, device):
    """A batch of sequences, the states before, and the parameters, float32."""
    depth, time, batch, size = (4, 64, 256, 512) if device == "cuda" else (3, 24, 32, 128)

    def draw(*shape):
        return torch.randn(shape, generator=generator)

    def weight():
        return draw(3 * size, size) / size**0.5

    layers = [(weight(), weight(), draw(3 * size), draw(3 * size)) for _ in range(depth)]
    return draw(time, batch, size), draw(depth, batch, size), layers


def builtin(x, h0, layers):
    flat = [parameter for layer in layers for parameter in layer]
    return torch.gru(x, h0, flat, True, len(layers), 0.0, False, False, False)
