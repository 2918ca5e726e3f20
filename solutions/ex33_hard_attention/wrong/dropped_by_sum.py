"""Keeps the largest weights until their sum reaches the threshold, as nucleus sampling does."""

import torch


def hard_attention(scores, values, threshold):
    soft = torch.softmax(scores, dim=-1)
    sorted_weights, order = soft.sort(dim=-1, descending=True, stable=True)
    before = sorted_weights.cumsum(dim=-1) - sorted_weights
    stays = torch.zeros_like(soft, dtype=torch.bool).scatter(-1, order, before <= 1 - threshold)
    stays = stays.scatter(-1, soft.argmax(dim=-1, keepdim=True), True)
    kept = torch.where(stays, soft, 0.0)
    weights = kept / kept.sum(dim=-1, keepdim=True)
    return weights @ values, weights
