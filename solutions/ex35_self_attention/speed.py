"""Exercise 35, self-attention: what is timed."""

import torch
from torch.nn.functional import linear, scaled_dot_product_attention

FUNCTION = "self_attention"


def inputs(generator, device):
    """Sequences and three projections, float32; causal."""
    batch, time, size = (16, 1024, 512) if device == "cuda" else (2, 288, 320)
    x = torch.randn(batch, time, size, generator=generator)
    weights = [torch.randn(size, size, generator=generator) / size**0.5 for _ in range(3)]
    return [x, *weights, True]


def builtin(x, w_q, w_k, w_v, causal):
    projected = [linear(x, w) for w in (w_q, w_k, w_v)]
    return scaled_dot_product_attention(*projected, is_causal=causal)
