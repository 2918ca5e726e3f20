"""Exercise 12, one step of a recurrent network: what is timed."""

import torch

FUNCTION = "rnn_step"


def inputs(generator, device):
    """A batch and its parameters, float32."""
    batch, size = (4096, 2048) if device == "cuda" else (512, 448)

    def draw(*shape):
        return torch.randn(shape, generator=generator)

    x, h = draw(batch, size), draw(batch, size)
    w_ih, w_hh = draw(size, size) / size**0.5, draw(size, size) / size**0.5
    return x, h, w_ih, w_hh, draw(size), draw(size)


def builtin(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.rnn_tanh_cell(x, h, w_ih, w_hh, b_ih, b_hh)
