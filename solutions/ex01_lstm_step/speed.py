"""Exercise 1, one step of an LSTM: what is timed."""

import torch

FUNCTION = "lstm_step"


def inputs(generator, device):
    """A batch and its parameters, float32."""
    batch, size = (4096, 1024) if device == "cuda" else (512, 256)

    def draw(*shape):
        return torch.randn(shape, generator=generator)

    x, h, c = draw(batch, size), draw(batch, size), draw(batch, size)
    w_ih, w_hh = draw(4 * size, size) / size**0.5, draw(4 * size, size) / size**0.5
    return x, h, c, w_ih, w_hh, draw(4 * size), draw(4 * size)


def builtin(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return torch.lstm_cell(x, (h, c), w_ih, w_hh, b_ih, b_hh)
