"""Weights split into heads before the projection; Einstein sums; a softmax written out."""

import torch


def multi_head_attention(queries, keys, values, w_q, w_k, w_v, w_o, num_heads, valid_lens=None):
    e = queries.shape[2]
    if e // num_heads * num_heads != e:
        raise ValueError(f"{e} is not a multiple of {num_heads}")
    blocks = [w.reshape(num_heads, e // num_heads, e) for w in (w_q, w_k, w_v)]
    q, k, v = (
        torch.einsum("nte,hde->nhtd", x, w)
        for x, w in zip((queries, keys, values), blocks, strict=True)
    )
    scores = torch.einsum("nhid,nhjd->nhij", q, k) * (e / num_heads) ** -0.5
    if valid_lens is None:
        seen = torch.ones_like(scores)
    else:
        lens = valid_lens[:, None] if valid_lens.dim() == 1 else valid_lens
        place = torch.arange(keys.shape[1], device=lens.device)
        seen = (place < lens[:, None, :, None]).to(scores.dtype)
    top = scores.where(seen > 0, -torch.inf).amax(dim=-1, keepdim=True)
    top = top.where(top.isfinite(), 0)
    shifted = torch.exp((scores - top).where(seen > 0, 0)) * seen
    total = shifted.sum(dim=-1, keepdim=True)
    weights = shifted / total.where(total > 0, 1)
    mixed = w_o.reshape(e, num_heads, e // num_heads)
    return torch.einsum("nhij,nhjd,fhd->nif", weights, v, mixed)
