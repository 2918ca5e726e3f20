"""The heads stacked along the batch, a mask of a large negative number, functional pieces."""

import torch
from torch.nn import functional


def encoder_block(x, params, num_heads, valid_lens=None):
    p = params
    w_q, w_k, w_v = p["self_attn.in_proj_weight"].chunk(3)
    b_q, b_k, b_v = p["self_attn.in_proj_bias"].chunk(3)
    q, k, v = (
        functional.linear(x, w_q, b_q),
        functional.linear(x, w_k, b_k),
        functional.linear(x, w_v, b_v),
    )
    q, k, v = (torch.cat(t.split(x.shape[-1] // num_heads, dim=-1)) for t in (q, k, v))
    scores = torch.bmm(q, k.mT).div(q.shape[-1] ** 0.5)
    if valid_lens is not None:
        positions = torch.arange(x.shape[1], device=x.device)
        masked = (positions[None] >= valid_lens[:, None]).repeat(num_heads, 1).unsqueeze(1)
        scores = scores.masked_fill(masked, torch.finfo(scores.dtype).min)
    heads = torch.bmm(functional.softmax(scores, dim=-1), v)
    a = torch.cat(heads.chunk(num_heads), dim=-1)
    a = functional.linear(a, p["self_attn.out_proj.weight"], p["self_attn.out_proj.bias"])
    x = functional.layer_norm(a + x, (x.shape[-1],), p["norm1.weight"], p["norm1.bias"], 1e-5)
    f = functional.linear(
        functional.relu(functional.linear(x, p["linear1.weight"], p["linear1.bias"])),
        p["linear2.weight"],
        p["linear2.bias"],
    )
    return functional.layer_norm(f + x, (x.shape[-1],), p["norm2.weight"], p["norm2.bias"], 1e-5)
