"""Subtracts the threshold from the weights that stay, as a soft threshold does."""

import torch


def hard_attention(scores, values, threshold):
    soft = torch.softmax(scores, dim=-1)
    kept = torch.relu(soft - threshold)
    one = torch.zeros_like(soft).scatter(-1, soft.argmax(dim=-1, keepdim=True), 1.0)
    total = kept.sum(dim=-1, keepdim=True)
    weights = torch.where(total > 0, kept / torch.where(total > 0, total, 1.0), one)
    return weights @ values, weights
