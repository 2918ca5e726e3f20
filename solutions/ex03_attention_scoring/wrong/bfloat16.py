"""Computes in bfloat16 and casts back."""

import torch


def attention_scores(queries, keys):
    product = queries.bfloat16() @ keys.bfloat16().transpose(-2, -1)
    return (product / queries.shape[-1] ** 0.5).to(queries.dtype)


def attention(queries, keys, values):
    weights = torch.softmax(attention_scores(queries, keys), dim=-1)
    return weights @ values, weights
