"""Exercise 44, JANET as a module: what is timed."""

import torch

FUNCTION = "JANET"
WIDTH, HIDDEN = 64, 128
MADE = ((WIDTH, HIDDEN), {"bidirectional": True})


def inputs(generator, device):
    """Weights for both directions, and a batch of sequences, float32."""
    time, batch = (200, 256) if device == "cuda" else (40, 32)

    def draw(*shape):
        return torch.randn(shape, generator=generator) / shape[-1] ** 0.5

    weights = {}
    for suffix in ("", "_reverse"):
        weights[f"weight_ih_l0{suffix}"] = draw(2 * HIDDEN, WIDTH)
        weights[f"weight_hh_l0{suffix}"] = draw(2 * HIDDEN, HIDDEN)
        weights[f"bias_ih_l0{suffix}"] = draw(2 * HIDDEN)
        weights[f"bias_hh_l0{suffix}"] = draw(2 * HIDDEN)
    return weights, torch.randn(time, batch, WIDTH, generator=generator)
