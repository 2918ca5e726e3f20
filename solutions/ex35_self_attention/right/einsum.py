"""Einstein sums, a mask of -inf that is added, and a softmax written out with its shift."""

import torch


def self_attention(x, w_q, w_k, w_v, causal=False):
    q, k, v = (torch.einsum("ntd,ed->nte", x, w) for w in (w_q, w_k, w_v))
    scores = torch.einsum("nie,nje->nij", q, k) * q.size(-1) ** -0.5
    if causal:
        mask = torch.full(scores.shape[1:], float("-inf"), dtype=x.dtype, device=x.device)
        scores = scores + mask.triu(1)
    shifted = torch.exp(scores - scores.amax(dim=2, keepdim=True))
    weights = shifted / shifted.sum(dim=2, keepdim=True)
    return torch.einsum("nij,njv->niv", weights, v)
