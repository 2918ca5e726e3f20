"""Exercise 22, an LSTM with coupled gates: what is timed."""

import torch

FUNCTION = "coupled_lstm_step"


def inputs(generator, device):
    """A batch and its parameters, float32."""
    batch, size = (4096, 1024) if device == "cuda" else (512, 320)

    def draw(*shape):
        return torch.randn(shape, generator=generator)

    x, h, c = draw(batch, size), draw(batch, size), draw(batch, size)
    w_ih, w_hh = draw(3 * size, size) / size**0.5, draw(3 * size, size) / size**0.5
    return x, h, c, w_ih, w_hh, draw(3 * size)


def builtin(x, h, c, w_ih, w_hh, b):
    # torch's LSTM needs a fourth block: with minus the forget gate's, the input gate is 1 - f.
    size = h.shape[1]
    w_ih, w_hh, b = (torch.cat((-p[:size], p)) for p in (w_ih, w_hh, b))
    return torch.lstm_cell(x, (h, c), w_ih, w_hh, b, torch.zeros_like(b))
