"""Exercise 2, the gates of a GRU: what is timed."""

import torch

FUNCTION = "gru_gates"


def inputs(generator, device):
    """A batch and the parameters of two gates, float32."""
    batch, size = (4096, 1024) if device == "cuda" else (512, 320)

    def draw(*shape):
        return torch.randn(shape, generator=generator)

    x, h = draw(batch, size), draw(batch, size)
    w_ih, w_hh = draw(2 * size, size) / size**0.5, draw(2 * size, size) / size**0.5
    return x, h, w_ih, w_hh, draw(2 * size), draw(2 * size)


def builtin(x, h, w_ih, w_hh, b_ih, b_hh):
    """A whole GRU step, candidate included: torch has no call for the gates alone."""
    size = h.shape[1]
    candidate = x.new_zeros(size, x.shape[1]), h.new_zeros(size, size), b_ih.new_zeros(size)
    return torch.gru_cell(
        x,
        h,
        torch.cat([w_ih, candidate[0]]),
        torch.cat([w_hh, candidate[1]]),
        torch.cat([b_ih, candidate[2]]),
        torch.cat([b_hh, candidate[2]]),
    )
