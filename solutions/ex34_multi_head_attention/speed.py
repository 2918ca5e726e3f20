"""Exercise 34, attention with several heads: what is timed."""

import torch
from torch.nn.functional import multi_head_attention_forward

FUNCTION = "multi_head_attention"


def inputs(generator, device):
    """Queries, keys, values and four weights, float32; eight heads, half of the keys padding."""
    batch, time, size = (16, 512, 512) if device == "cuda" else (2, 256, 320)
    inputs = [torch.randn(batch, time, size, generator=generator) for _ in range(3)]
    weights = [torch.randn(size, size, generator=generator) / size**0.5 for _ in range(4)]
    lens = torch.randint(1, time + 1, (batch,), generator=generator)
    return [*inputs, *weights, 8, lens]


def builtin(queries, keys, values, w_q, w_k, w_v, w_o, num_heads, valid_lens):
    time_first = [x.transpose(0, 1) for x in (queries, keys, values)]
    hidden = torch.arange(keys.shape[1], device=keys.device) >= valid_lens[:, None]
    output, _ = multi_head_attention_forward(
        *time_first,
        queries.shape[-1],
        num_heads,
        torch.cat([w_q, w_k, w_v]),
        None,
        None,
        None,
        False,
        0.0,
        w_o,
        None,
        key_padding_mask=hidden,
        need_weights=False,
    )
    return output.transpose(0, 1)
