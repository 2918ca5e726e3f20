"""Exercise 3, attention scoring: what is timed."""

import torch
from torch.nn.functional import scaled_dot_product_attention

FUNCTION = "attention"


def inputs(generator, device):
    """Queries, keys and values, float32."""
    batch, time, size = (16, 1024, 64) if device == "cuda" else (2, 384, 512)
    return [torch.randn(batch, time, size, generator=generator) for _ in range(3)]


def builtin(queries, keys, values):
    return scaled_dot_product_attention(queries, keys, values)
