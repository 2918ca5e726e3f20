"""A loop over the samples and the heads, on the valid keys only; norms written out."""

import torch


def encoder_block(x, params, num_heads, valid_lens=None):
    outputs = []
    for n in range(len(x)):
        sample = x[n]
        keys = sample if valid_lens is None else sample[: int(valid_lens[n])]
        z = normalised(sample + attended(sample, keys, params, num_heads), params, "norm1")
        hidden = z @ params["linear1.weight"].T + params["linear1.bias"]
        hidden = torch.where(hidden > 0, hidden, torch.zeros_like(hidden))
        f = hidden @ params["linear2.weight"].T + params["linear2.bias"]
        outputs.append(normalised(z + f, params, "norm2"))
    return torch.stack(outputs)


def attended(sample, keys, params, num_heads):
    w_q, w_k, w_v = params["self_attn.in_proj_weight"].split(sample.shape[1])
    b_q, b_k, b_v = params["self_attn.in_proj_bias"].split(sample.shape[1])
    d = sample.shape[1] // num_heads
    heads = []
    for h in range(num_heads):
        rows = slice(h * d, (h + 1) * d)
        q = sample @ w_q[rows].T + b_q[rows]
        k = keys @ w_k[rows].T + b_k[rows]
        v = keys @ w_v[rows].T + b_v[rows]
        weights = torch.softmax(q @ k.T / d**0.5, dim=1)
        heads.append(weights @ v)
    mixed = torch.cat(heads, dim=1)
    return mixed @ params["self_attn.out_proj.weight"].T + params["self_attn.out_proj.bias"]


def normalised(x, params, name):
    mean = x.mean(dim=1, keepdim=True)
    variance = ((x - mean) ** 2).mean(dim=1, keepdim=True)
    return (x - mean) / torch.sqrt(variance + 1e-5) * params[name + ".weight"] + params[
        name + ".bias"
    ]
