"""Decides for the whole batch: only where every weight of every row is under, the largest stay."""

import torch


def hard_attention(scores, values, threshold):
    soft = torch.softmax(scores, dim=-1)
    if bool((soft < threshold).all()):
        stays = torch.zeros_like(soft, dtype=torch.bool)
        stays = stays.scatter(-1, soft.argmax(dim=-1, keepdim=True), True)
    else:
        stays = soft >= threshold
    kept = torch.where(stays, soft, 0.0)
    weights = kept / kept.sum(dim=-1, keepdim=True).clamp(min=1e-12)
    return weights @ values, weights
