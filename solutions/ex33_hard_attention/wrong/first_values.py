"""Averages the values of the first sample for the whole batch."""

import torch


def hard_attention(scores, values, threshold):
    soft = torch.softmax(scores, dim=-1)
    stays = (soft >= threshold).scatter(-1, soft.argmax(dim=-1, keepdim=True), True)
    kept = torch.where(stays, soft, 0.0)
    weights = kept / kept.sum(dim=-1, keepdim=True)
    return weights @ values[0], weights
