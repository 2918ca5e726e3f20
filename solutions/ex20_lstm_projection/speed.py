"""Exercise 20, an LSTM with a projection: what is timed."""

import warnings

import torch

FUNCTION = "lstm_projection_step"


def inputs(generator, device):
    """A batch and its parameters, float32."""
    cuda = device == "cuda"
    batch, features, hidden, projected = (4096, 1024, 1024, 512) if cuda else (512, 256, 384, 192)

    def draw(*shape):
        return torch.randn(shape, generator=generator)

    x, h, c = draw(batch, features), draw(batch, projected), draw(batch, hidden)
    w_ih = draw(4 * hidden, features) / features**0.5
    w_hh = draw(4 * hidden, projected) / projected**0.5
    biases = draw(4 * hidden), draw(4 * hidden)
    return x, h, c, w_ih, w_hh, *biases, draw(projected, hidden) / hidden**0.5


def builtin(x, h, c, *parameters):
    # What nn.LSTM(proj_size=P) calls, for a sequence of one step.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # oneDNN has no projections, and says so
        state = h[None], c[None]
        _, h, c = torch._VF.lstm(x[None], state, parameters, True, 1, 0.0, False, False, False)
    return h[0], c[0]
