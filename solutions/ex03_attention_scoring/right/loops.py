"""A loop over the samples and the queries, one row at a time."""

import torch


def attention_scores(queries, keys):
    scale = torch.sqrt(torch.tensor(queries.shape[-1], dtype=queries.dtype, device=queries.device))
    samples = []
    for sample, others in zip(queries, keys, strict=True):
        rows = [(others * query).sum(dim=-1) / scale for query in sample]
        samples.append(torch.stack(rows))
    return torch.stack(samples)


def attention(queries, keys, values):
    weights = attention_scores(queries, keys).softmax(-1)
    outputs = []
    for row, value in zip(weights, values, strict=True):
        outputs.append(torch.stack([(w[:, None] * value).sum(0) for w in row]))
    return torch.stack(outputs), weights
