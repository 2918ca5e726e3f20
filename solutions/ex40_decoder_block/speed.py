"""Exercise 40, a Transformer's decoder block: what is timed."""

from functools import cache

import torch
from torch import nn

FUNCTION = "decoder_block"
HEADS = 4


def inputs(generator, device):
    """Targets, a memory with padding, and the parameters, float32."""
    batch, time, source, width, hidden = (
        (32, 384, 512, 512, 2048) if device == "cuda" else (4, 80, 112, 256, 512)
    )

    def draw(*shape):
        return torch.randn(shape, generator=generator)

    params = {}
    for name in ("self_attn", "multihead_attn"):
        params[f"{name}.in_proj_weight"] = draw(3 * width, width) / width**0.5
        params[f"{name}.in_proj_bias"] = draw(3 * width)
        params[f"{name}.out_proj.weight"] = draw(width, width) / width**0.5
        params[f"{name}.out_proj.bias"] = draw(width)
    params["linear1.weight"] = draw(hidden, width) / width**0.5
    params["linear1.bias"] = draw(hidden)
    params["linear2.weight"] = draw(width, hidden) / hidden**0.5
    params["linear2.bias"] = draw(width)
    for name in ("norm1", "norm2", "norm3"):
        params[f"{name}.weight"] = 1 + 0.1 * draw(width)
        params[f"{name}.bias"] = draw(width)
    valid_lens = torch.randint(1, source + 1, (batch,), generator=generator)
    return draw(batch, time, width), draw(batch, source, width), params, HEADS, valid_lens


@cache
def layer(width, heads, hidden):
    return nn.TransformerDecoderLayer(
        width, heads, hidden, dropout=0.0, batch_first=True, device="meta"
    )


def builtin(x, memory, params, num_heads, valid_lens):
    time, source = x.shape[1], memory.shape[1]
    masks = {
        "tgt_mask": torch.ones(time, time, dtype=torch.bool, device=x.device).triu(1),
        "memory_key_padding_mask": torch.arange(source, device=x.device) >= valid_lens[:, None],
    }
    module = layer(x.shape[2], num_heads, len(params["linear1.bias"]))
    return torch.func.functional_call(module, params, (x, memory), masks)
