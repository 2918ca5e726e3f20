"""Exercise 23, JANET: what is timed."""

import torch

FUNCTION = "janet_step"


def inputs(generator, device):
    """A batch and its parameters, float32."""
    batch, size = (4096, 1024) if device == "cuda" else (768, 448)

    def draw(*shape):
        return torch.randn(shape, generator=generator)

    w_ih, w_hh = draw(2 * size, size) / size**0.5, draw(2 * size, size) / size**0.5
    return draw(batch, size), draw(batch, size), w_ih, w_hh, draw(2 * size)
