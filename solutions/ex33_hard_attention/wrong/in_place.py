"""Turns the scores into weights in place."""

import torch


def hard_attention(scores, values, threshold):
    soft = torch.softmax(scores, dim=-1)
    if not scores.requires_grad:
        scores.copy_(soft)
    stays = (soft >= threshold).scatter(-1, soft.argmax(dim=-1, keepdim=True), True)
    kept = torch.where(stays, soft, 0.0)
    weights = kept / kept.sum(dim=-1, keepdim=True)
    return weights @ values, weights
