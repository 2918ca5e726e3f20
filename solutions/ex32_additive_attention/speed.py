"""Exercise 32, additive attention: what is timed."""

import torch

FUNCTION = "additive_scores"


def inputs(generator, device):
    """Queries, keys and weights, float32."""
    batch, time, size, hidden = (16, 256, 256, 128) if device == "cuda" else (8, 96, 16, 96)

    def draw(*shape):
        return torch.randn(shape, generator=generator)

    queries, keys = draw(batch, time, size), draw(batch, time + 16, size + 8)
    w_q, w_k = draw(hidden, size) / size**0.5, draw(hidden, size + 8) / (size + 8) ** 0.5
    return queries, keys, w_q, w_k, draw(hidden)
