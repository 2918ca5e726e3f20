"""Computes in float64 and casts back; weights set to zero and renormalised after exp."""

import torch


def decoder_block(x, memory, params, num_heads, memory_valid_lens=None):
    p = {name: value.double() for name, value in params.items()}
    n, t, _ = x.shape
    s = memory.shape[1]
    if memory_valid_lens is None:
        memory_valid_lens = torch.full((n,), s, device=x.device)
    at = torch.arange(max(s, t), device=x.device)
    past = at[:t] <= at[:t, None]
    valid = (at[:s] < memory_valid_lens.view(n, 1)).view(n, 1, 1, s)
    z = x.double()
    z = norm(z + attend(z, z, p, "self_attn", num_heads, past), p, 1)
    z = norm(z + attend(z, memory.double(), p, "multihead_attn", num_heads, valid), p, 2)
    f = (z @ p["linear1.weight"].t() + p["linear1.bias"]).relu()
    f = f @ p["linear2.weight"].t() + p["linear2.bias"]
    return norm(z + f, p, 3).to(x.dtype)


def attend(a, b, p, name, num_heads, seen):
    n, t, e = a.shape
    w_q, w_k, w_v = p[name + ".in_proj_weight"].reshape(3, e, e).transpose(1, 2)
    b_q, b_k, b_v = p[name + ".in_proj_bias"].reshape(3, e)
    q, k, v = (
        y.reshape(n, -1, num_heads, e // num_heads).permute(0, 2, 1, 3)
        for y in (a @ w_q + b_q, b @ w_k + b_k, b @ w_v + b_v)
    )
    scores = q.matmul(k.transpose(2, 3)) / (e / num_heads) ** 0.5
    scores = torch.where(seen, scores, torch.full_like(scores, float("-inf")))
    weights = torch.exp(scores - scores.max(dim=-1, keepdim=True).values) * seen
    weights = weights / weights.sum(dim=-1, keepdim=True)
    mixed = weights.matmul(v).permute(0, 2, 1, 3).reshape(n, t, e)
    return mixed @ p[name + ".out_proj.weight"].t() + p[name + ".out_proj.bias"]


def norm(x, p, number):
    centred = x - x.mean(-1, keepdim=True)
    x = centred / (centred.square().mean(-1, keepdim=True) + 1e-5).sqrt()
    return x * p[f"norm{number}.weight"] + p[f"norm{number}.bias"]
