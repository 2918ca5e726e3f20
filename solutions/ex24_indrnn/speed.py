"""Exercise 24, independent recurrent units: what is timed."""

import torch

FUNCTION = "indrnn_forward"


def inputs(generator, device):
    """A sequence and its parameters, float32."""
    time, batch, size = (256, 64, 1024) if device == "cuda" else (64, 48, 448)
    x = torch.randn(time, batch, size, generator=generator)
    h0 = torch.randn(batch, size, generator=generator)
    w_ih = torch.randn(size, size, generator=generator) / size**0.5
    u = 2 * torch.rand(size, generator=generator) - 1
    return x, h0, w_ih, u, torch.randn(size, generator=generator)


def builtin(x, h0, w_ih, u, b):
    parameters = [w_ih, torch.diag(u), b, torch.zeros_like(b)]
    output, h_n = torch.rnn_relu(x, h0[None], parameters, True, 1, 0.0, False, False, False)
    return output, h_n[0]
