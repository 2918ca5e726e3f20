"""Exercise 38, the feed-forward network at every position: what is timed."""

import torch
from torch.nn.functional import linear, relu

FUNCTION = "positionwise_ffn"


def inputs(generator, device):
    """A batch of positions and the parameters, float32."""
    batch, time, size = (64, 512, 512) if device == "cuda" else (4, 128, 192)

    def draw(*shape):
        return torch.randn(shape, generator=generator)

    w1 = draw(4 * size, size) / size**0.5
    w2 = draw(size, 4 * size) / (4 * size) ** 0.5
    return draw(batch, time, size), w1, draw(4 * size), w2, draw(size)


def builtin(x, w1, b1, w2, b2):
    return linear(relu(linear(x, w1, b1)), w2, b2)
