"""Exponentials without a shift, which overflow."""

import torch


def hard_attention(scores, values, threshold):
    exponentials = torch.exp(scores)
    soft = exponentials / exponentials.sum(dim=-1, keepdim=True)
    stays = (soft >= threshold).scatter(-1, soft.argmax(dim=-1, keepdim=True), True)
    kept = torch.where(stays, soft, 0.0)
    weights = kept / kept.sum(dim=-1, keepdim=True)
    return weights @ values, weights
