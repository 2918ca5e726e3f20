"""Scales the queries in place."""

import torch


def attention_scores(queries, keys):
    return queries @ keys.transpose(-2, -1) / queries.shape[-1] ** 0.5


def attention(queries, keys, values):
    with torch.no_grad():
        if not queries.requires_grad:
            queries /= queries.shape[-1] ** 0.5
            weights = torch.softmax(queries @ keys.transpose(-2, -1), dim=-1)
            return weights @ values, weights
    weights = torch.softmax(attention_scores(queries, keys), dim=-1)
    return weights @ values, weights
