"""A loop over the samples, the queries and the keys, one pair at a time."""

import torch


def additive_scores(queries, keys, w_q, w_k, w_v):
    samples = []
    for some, others in zip(queries, keys, strict=True):
        rows = []
        for query in some:
            row = [(w_v * torch.tanh(w_q.mv(query) + w_k.mv(key))).sum() for key in others]
            rows.append(torch.stack(row))
        samples.append(torch.stack(rows))
    return torch.stack(samples)
