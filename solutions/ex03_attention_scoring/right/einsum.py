"""Einstein sums, and a softmax written out with its shift."""

import torch


def attention_scores(queries, keys):
    return torch.einsum("nqd,nkd->nqk", queries, keys) * queries.size(2) ** -0.5


def attention(queries, keys, values):
    scores = attention_scores(queries, keys)
    shifted = torch.exp(scores - scores.amax(dim=2, keepdim=True))
    weights = shifted / shifted.sum(dim=2, keepdim=True)
    return torch.einsum("nqk,nkv->nqv", weights, values), weights
