"""A loop over the samples, the positions and the heads: each query reads only what it may."""

import torch


def decoder_block(x, memory, params, num_heads, memory_valid_lens=None):
    outputs = []
    for n in range(len(x)):
        known = memory[n] if memory_valid_lens is None else memory[n, : memory_valid_lens[n]]
        rows = []
        for t in range(x.shape[1]):
            row = x[n, t]
            a = answer(row, x[n, : t + 1], params, "self_attn.", num_heads)
            row = normalised(row + a, params, 1)
            a = answer(row, known, params, "multihead_attn.", num_heads)
            row = normalised(row + a, params, 2)
            hidden = params["linear1.weight"] @ row + params["linear1.bias"]
            hidden = hidden * (hidden > 0)
            f = params["linear2.weight"] @ hidden + params["linear2.bias"]
            rows.append(normalised(row + f, params, 3))
        outputs.append(torch.stack(rows))
    return torch.stack(outputs)


def answer(row, others, params, name, num_heads):
    e = row.shape[0]
    weight, bias = params[name + "in_proj_weight"], params[name + "in_proj_bias"]
    q = weight[:e] @ row + bias[:e]
    k = others @ weight[e : 2 * e].T + bias[e : 2 * e]
    v = others @ weight[2 * e :].T + bias[2 * e :]
    d = e // num_heads
    heads = []
    for columns in torch.arange(e, device=row.device).split(d):
        weights = torch.softmax(k[:, columns] @ q[columns] / d**0.5, dim=0)
        heads.append(weights @ v[:, columns])
    return params[name + "out_proj.weight"] @ torch.cat(heads) + params[name + "out_proj.bias"]


def normalised(row, params, number):
    centred = row - row.mean()
    scaled = centred / torch.sqrt((centred * centred).mean() + 1e-5)
    return scaled * params[f"norm{number}.weight"] + params[f"norm{number}.bias"]
