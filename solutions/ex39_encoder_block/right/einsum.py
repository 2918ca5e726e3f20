"""Einstein sums over heads that are an axis of the weights, a mask that is added to the scores."""

import torch


def encoder_block(x, params, num_heads, valid_lens=None):
    e = x.size(-1)
    d = e // num_heads
    weight = params["self_attn.in_proj_weight"].reshape(3, num_heads, d, e)
    bias = params["self_attn.in_proj_bias"].reshape(3, num_heads, 1, d)
    q, k, v = torch.einsum("nte,bhde->bnhtd", x, weight) + bias.unsqueeze(1)
    scores = torch.einsum("nhqd,nhkd->nhqk", q * d**-0.5, k)
    if valid_lens is not None:
        mask = torch.zeros(x.shape[:2], dtype=x.dtype, device=x.device)
        for n, length in enumerate(valid_lens.tolist()):
            mask[n, length:] = float("-inf")
        scores = scores + mask[:, None, None]
    weights = scores.log_softmax(dim=3).exp()
    out = params["self_attn.out_proj.weight"].reshape(e, num_heads, d)
    a = torch.einsum("nhqk,nhkd,ehd->nqe", weights, v, out) + params["self_attn.out_proj.bias"]
    z = norm(x + a, params["norm1.weight"], params["norm1.bias"])
    hidden = torch.einsum("nte,fe->ntf", z, params["linear1.weight"]) + params["linear1.bias"]
    f = torch.einsum("ntf,ef->nte", hidden.clamp(min=0), params["linear2.weight"])
    return norm(z + f + params["linear2.bias"], params["norm2.weight"], params["norm2.bias"])


def norm(x, weight, bias):
    variance, mean = torch.var_mean(x, dim=-1, unbiased=False, keepdim=True)
    return torch.rsqrt(variance + 1e-5) * (x - mean) * weight + bias
