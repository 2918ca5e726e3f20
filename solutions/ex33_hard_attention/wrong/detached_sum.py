"""Takes the sum that it divides by as a constant, so that gradients are wrong."""

import torch


def hard_attention(scores, values, threshold):
    soft = torch.softmax(scores, dim=-1)
    stays = (soft >= threshold).scatter(-1, soft.argmax(dim=-1, keepdim=True), True)
    kept = torch.where(stays, soft, 0.0)
    weights = kept / kept.sum(dim=-1, keepdim=True).detach()
    return weights @ values, weights
