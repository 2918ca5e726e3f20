"""Einstein sums, with the hidden units before the keys."""

import torch


def additive_scores(queries, keys, w_q, w_k, w_v):
    asked = torch.einsum("nqd,hd->nqh", queries, w_q)
    offered = torch.einsum("hd,nkd->nhk", w_k, keys)
    return torch.einsum("nqhk,h->nqk", (asked[..., None] + offered[:, None]).tanh(), w_v)
