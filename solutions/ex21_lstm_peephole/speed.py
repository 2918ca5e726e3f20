"""Exercise 21, an LSTM with peepholes: what is timed."""

import torch

FUNCTION = "peephole_lstm_step"


def inputs(generator, device):
    """A batch and its parameters, float32."""
    batch, size = (4096, 1024) if device == "cuda" else (512, 256)

    def draw(*shape):
        return torch.randn(shape, generator=generator)

    x, h, c = draw(batch, size), draw(batch, size), draw(batch, size)
    w_ih, w_hh = draw(4 * size, size) / size**0.5, draw(4 * size, size) / size**0.5
    return x, h, c, w_ih, w_hh, draw(4 * size), draw(size), draw(size), draw(size)
