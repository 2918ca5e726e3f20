"""Exercise 16, an LSTM through time: what is timed."""

import torch

FUNCTION = "lstm_forward"


def inputs(generator, device):
    """A batch of sequences and the parameters, float32."""
    time, batch, size = (64, 512, 512) if device == "cuda" else (32, 32, 192)

    def draw(*shape):
        return torch.randn(shape, generator=generator)

    x, state = draw(time, batch, size), (draw(batch, size), draw(batch, size))
    w_ih, w_hh = draw(4 * size, size) / size**0.5, draw(4 * size, size) / size**0.5
    return x, state, w_ih, w_hh, draw(4 * size), draw(4 * size)


def builtin(x, state, *parameters):
    state = tuple(part[None] for part in state)
    output, h, c = torch.lstm(x, state, parameters, True, 1, 0.0, False, False, False)
    return output, (h[0], c[0])
