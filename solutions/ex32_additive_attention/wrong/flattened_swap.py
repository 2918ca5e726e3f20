"""Repeats queries and keys so that the flattened pairs come out with the keys first."""

import torch


def additive_scores(queries, keys, w_q, w_k, w_v):
    asked, offered = queries @ w_q.T, keys @ w_k.T
    pairs = asked.repeat(1, keys.shape[1], 1) + offered.repeat_interleave(queries.shape[1], 1)
    return (torch.tanh(pairs) @ w_v).reshape(len(queries), queries.shape[1], keys.shape[1])
