"""Computes in float64 and casts back; weights set to zero and renormalised after exp."""

import torch


def encoder_block(x, params, num_heads, valid_lens=None):
    p = {name: value.double() for name, value in params.items()}
    n, t, e = x.shape
    state = x.double()
    qkv = state @ p["self_attn.in_proj_weight"].t() + p["self_attn.in_proj_bias"]
    q, k, v = qkv.reshape(n, t, 3, num_heads, e // num_heads).permute(2, 0, 3, 1, 4)
    scores = q.matmul(k.transpose(2, 3)) / (e / num_heads) ** 0.5
    if valid_lens is None:
        valid_lens = torch.full((n,), t, device=x.device)
    valid = (torch.arange(t, device=x.device) < valid_lens.view(n, 1)).view(n, 1, 1, t)
    scores = torch.where(valid, scores, torch.full_like(scores, float("-inf")))
    weights = torch.exp(scores - scores.max(dim=-1, keepdim=True).values) * valid
    weights = weights / weights.sum(dim=-1, keepdim=True)
    a = weights.matmul(v).permute(0, 2, 1, 3).reshape(n, t, e)
    a = a @ p["self_attn.out_proj.weight"].t() + p["self_attn.out_proj.bias"]
    z = norm(state + a) * p["norm1.weight"] + p["norm1.bias"]
    f = (z @ p["linear1.weight"].t() + p["linear1.bias"]).relu()
    f = f @ p["linear2.weight"].t() + p["linear2.bias"]
    return (norm(z + f) * p["norm2.weight"] + p["norm2.bias"]).to(x.dtype)


def norm(x):
    centred = x - x.mean(-1, keepdim=True)
    return centred / (centred.square().mean(-1, keepdim=True) + 1e-5).sqrt()
