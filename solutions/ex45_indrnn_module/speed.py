"""Exercise 45, IndRNN as a module: what is timed."""

import torch

FUNCTION = "IndRNN"
WIDTH, HIDDEN = 256, 512
MADE = ((WIDTH, HIDDEN), {"bidirectional": True})


def inputs(generator, device):
    """Weights for both directions, and a batch of sequences, float32."""
    time, batch = (200, 256) if device == "cuda" else (24, 32)

    def draw(*shape):
        return torch.randn(shape, generator=generator) / shape[-1] ** 0.5

    weights = {}
    for suffix in ("", "_reverse"):
        weights[f"weight_ih_l0{suffix}"] = draw(HIDDEN, WIDTH)
        weights[f"weight_hh_l0{suffix}"] = torch.rand(HIDDEN, generator=generator)
        weights[f"bias_l0{suffix}"] = draw(HIDDEN)
    return weights, torch.randn(time, batch, WIDTH, generator=generator)
