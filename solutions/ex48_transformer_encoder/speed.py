"""Exercise 48, a Transformer's encoder: what is timed."""

import torch

FUNCTION = "TransformerEncoder"
VOCABULARY, WIDTH, HEADS, HIDDEN, LAYERS = 500, 128, 4, 256, 2
MADE = ((VOCABULARY, WIDTH, HEADS, HIDDEN, LAYERS), {})


def inputs(generator, device):
    """Weights for all layers, and a batch of sequences with their lengths, float32."""
    batch, time = (64, 256) if device == "cuda" else (4, 64)

    def draw(*shape):
        return torch.randn(shape, generator=generator) / shape[-1] ** 0.5

    weights = {"embedding.weight": draw(VOCABULARY, WIDTH)}
    for layer in range(LAYERS):
        shapes = {
            "self_attn.in_proj_weight": (3 * WIDTH, WIDTH),
            "self_attn.in_proj_bias": (3 * WIDTH,),
            "self_attn.out_proj.weight": (WIDTH, WIDTH),
            "self_attn.out_proj.bias": (WIDTH,),
            "linear1.weight": (HIDDEN, WIDTH),
            "linear1.bias": (HIDDEN,),
            "linear2.weight": (WIDTH, HIDDEN),
            "linear2.bias": (WIDTH,),
        }
        for name, shape in shapes.items():
            weights[f"layers.{layer}.{name}"] = draw(*shape)
        for norm in ("norm1", "norm2"):
            weights[f"layers.{layer}.{norm}.weight"] = 1 + draw(WIDTH)
            weights[f"layers.{layer}.{norm}.bias"] = draw(WIDTH)
    tokens = torch.randint(VOCABULARY, (batch, time), generator=generator)
    return weights, tokens, torch.randint(1, time + 1, (batch,), generator=generator)
