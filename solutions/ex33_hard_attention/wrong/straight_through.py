"""Gradients of soft attention under the numbers of hard attention."""

import torch


def hard_attention(scores, values, threshold):
    soft = torch.softmax(scores, dim=-1)
    stays = (soft >= threshold).scatter(-1, soft.argmax(dim=-1, keepdim=True), True)
    kept = torch.where(stays, soft, 0.0)
    weights = kept / kept.sum(dim=-1, keepdim=True)
    weights = soft + (weights - soft).detach()
    weights = weights * stays
    return weights @ values, weights
