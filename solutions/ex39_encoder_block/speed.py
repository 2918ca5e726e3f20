"""Exercise 39, a Transformer's encoder block: what is timed."""

from functools import cache

import torch
from torch import nn

FUNCTION = "encoder_block"
HEADS = 4


def inputs(generator, device):
    """A batch with padding, and the parameters, float32."""
    batch, time, width, hidden = (32, 512, 512, 2048) if device == "cuda" else (8, 96, 256, 512)

    def draw(*shape):
        return torch.randn(shape, generator=generator)

    params = {
        "self_attn.in_proj_weight": draw(3 * width, width) / width**0.5,
        "self_attn.in_proj_bias": draw(3 * width),
        "self_attn.out_proj.weight": draw(width, width) / width**0.5,
        "self_attn.out_proj.bias": draw(width),
        "linear1.weight": draw(hidden, width) / width**0.5,
        "linear1.bias": draw(hidden),
        "linear2.weight": draw(width, hidden) / hidden**0.5,
        "linear2.bias": draw(width),
        "norm1.weight": 1 + 0.1 * draw(width),
        "norm1.bias": draw(width),
        "norm2.weight": 1 + 0.1 * draw(width),
        "norm2.bias": draw(width),
    }
    valid_lens = torch.randint(1, time + 1, (batch,), generator=generator)
    return draw(batch, time, width), params, HEADS, valid_lens


@cache
def layer(width, heads, hidden):
    return nn.TransformerEncoderLayer(
        width, heads, hidden, dropout=0.0, batch_first=True, device="meta"
    )


def builtin(x, params, num_heads, valid_lens):
    padding = torch.arange(x.shape[1], device=x.device) >= valid_lens[:, None]
    module = layer(x.shape[2], num_heads, len(params["linear1.bias"]))
    return torch.func.functional_call(module, params, x, {"src_key_padding_mask": padding})
