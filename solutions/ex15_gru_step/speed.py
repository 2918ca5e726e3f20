"""Exercise 15, one step of a GRU: what is timed."""

import torch

FUNCTION = "gru_step"


def inputs(generator, device):
    """A batch and its parameters, float32."""
    batch, size = (4096, 1024) if device == "cuda" else (512, 256)

    def draw(*shape):
        return torch.randn(shape, generator=generator)

    x, h = draw(batch, size), draw(batch, size)
    w_ih, w_hh = draw(3 * size, size) / size**0.5, draw(3 * size, size) / size**0.5
    return x, h, w_ih, w_hh, draw(3 * size), draw(3 * size)


def builtin(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.gru_cell(x, h, w_ih, w_hh, b_ih, b_hh)
