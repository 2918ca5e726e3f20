"""Einstein sums over heads that are an axis of the weights, masks that are added to the scores."""

import torch


def decoder_block(x, memory, params, num_heads, memory_valid_lens=None):
    t, s = x.size(1), memory.size(1)
    causal = torch.full((t, t), float("-inf"), dtype=x.dtype, device=x.device).triu(1)
    padding = torch.zeros(memory.shape[:2], dtype=x.dtype, device=x.device)
    if memory_valid_lens is not None:
        positions = torch.arange(s, device=x.device).expand(len(x), s)
        padding[positions >= memory_valid_lens.unsqueeze(1)] = float("-inf")
    a = attend(x, x, params, "self_attn", num_heads, causal)
    z = norm(x + a, params, "norm1")
    a = attend(z, memory, params, "multihead_attn", num_heads, padding[:, None, None])
    z = norm(z + a, params, "norm2")
    hidden = torch.einsum("nte,fe->ntf", z, params["linear1.weight"]) + params["linear1.bias"]
    f = torch.einsum("ntf,ef->nte", hidden.clamp(min=0), params["linear2.weight"])
    return norm(z + f + params["linear2.bias"], params, "norm3")


def attend(a, b, params, name, num_heads, mask):
    e = a.size(-1)
    weight = params[name + ".in_proj_weight"].reshape(3, num_heads, e // num_heads, e)
    bias = params[name + ".in_proj_bias"].reshape(3, num_heads, 1, e // num_heads)
    q = torch.einsum("nte,hde->nhtd", a, weight[0]) + bias[0]
    k, v = torch.einsum("nse,bhde->bnhsd", b, weight[1:]) + bias[1:].unsqueeze(1)
    scores = torch.einsum("nhqd,nhkd->nhqk", q * (e // num_heads) ** -0.5, k) + mask
    weights = scores.log_softmax(dim=3).exp()
    out = params[name + ".out_proj.weight"].reshape(e, num_heads, e // num_heads)
    return torch.einsum("nhqk,nhkd,ehd->nqe", weights, v, out) + params[name + ".out_proj.bias"]


def norm(x, params, name):
    variance, mean = torch.var_mean(x, dim=-1, unbiased=False, keepdim=True)
    normalised = torch.rsqrt(variance + 1e-5) * (x - mean)
    return normalised * params[name + ".weight"] + params[name + ".bias"]
