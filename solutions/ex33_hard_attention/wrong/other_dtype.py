"""Upcasts half precision to float32, and answers in it."""

import torch


def hard_attention(scores, values, threshold):
    dtype = torch.promote_types(scores.dtype, torch.float32)
    soft = torch.softmax(scores.to(dtype), dim=-1)
    stays = (soft >= threshold).scatter(-1, soft.argmax(dim=-1, keepdim=True), True)
    kept = torch.where(stays, soft, 0.0)
    weights = kept / kept.sum(dim=-1, keepdim=True)
    return weights @ values.to(dtype), weights
