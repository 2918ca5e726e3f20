"""One query at a time against all keys, with what they share computed once."""

import torch


def additive_scores(queries, keys, w_q, w_k, w_v):
    offered = torch.matmul(keys, w_k.mT)
    rows = []
    for i in range(queries.size(1)):
        asked = torch.matmul(queries[:, i : i + 1], w_q.mT)
        rows.append(((asked + offered).tanh() * w_v).sum(dim=2))
    return torch.stack(rows, dim=1)
