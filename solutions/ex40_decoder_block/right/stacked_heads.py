"""The heads stacked along the batch, the attention a class, masks of a large negative number."""

import torch
from torch.nn import functional


class Attention:
    def __init__(self, params, name, num_heads):
        self.weights = params[f"{name}.in_proj_weight"].chunk(3)
        self.biases = params[f"{name}.in_proj_bias"].chunk(3)
        self.out = params[f"{name}.out_proj.weight"], params[f"{name}.out_proj.bias"]
        self.num_heads = num_heads

    def project(self, x, part):
        x = functional.linear(x, self.weights[part], self.biases[part])
        return torch.cat(x.split(x.shape[-1] // self.num_heads, dim=-1))

    def __call__(self, queries, others, allowed):
        q, k, v = self.project(queries, 0), self.project(others, 1), self.project(others, 2)
        scores = torch.bmm(q, k.mT).div(q.shape[-1] ** 0.5)
        lowest = torch.finfo(scores.dtype).min
        scores = scores.masked_fill(~allowed.repeat(self.num_heads, 1, 1), lowest)
        heads = torch.bmm(functional.softmax(scores, dim=-1), v)
        return functional.linear(torch.cat(heads.chunk(self.num_heads), dim=-1), *self.out)


def decoder_block(x, memory, params, num_heads, memory_valid_lens=None):
    n, t, e = x.shape
    past = torch.ones(n, t, t, dtype=torch.bool, device=x.device).tril()
    valid = torch.ones(n, 1, memory.shape[1], dtype=torch.bool, device=x.device)
    if memory_valid_lens is not None:
        valid = torch.arange(memory.shape[1], device=x.device) < memory_valid_lens.view(n, 1, 1)

    def normalise(x, name):
        return functional.layer_norm(x, (e,), params[name + ".weight"], params[name + ".bias"])

    x = normalise(x + Attention(params, "self_attn", num_heads)(x, x, past), "norm1")
    cross = Attention(params, "multihead_attn", num_heads)(x, memory, valid)
    x = normalise(x + cross, "norm2")
    hidden = functional.linear(x, params["linear1.weight"], params["linear1.bias"]).relu()
    f = functional.linear(hidden, params["linear2.weight"], params["linear2.bias"])
    return normalise(x + f, "norm3")
