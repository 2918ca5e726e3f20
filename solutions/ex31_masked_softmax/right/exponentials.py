"""Exponentials and their sum, written out; the fill comes first, with 0, and the mask again."""

import torch


def masked_softmax(scores, valid_lens=None):
    if valid_lens is None:
        valid_lens = torch.full(scores.shape[:2], scores.size(2), device=scores.device)
    if valid_lens.dim() == 1:
        valid_lens = valid_lens[:, None].expand(scores.shape[:2])
    valid = torch.arange(scores.size(2), device=scores.device) < valid_lens.unsqueeze(-1)
    lowest = torch.finfo(scores.dtype).min
    greatest = scores.detach().masked_fill(~valid, lowest).amax(dim=2, keepdim=True)
    shifted = torch.where(valid, scores - greatest, 0.0)
    exponentials = torch.where(valid, shifted.exp(), 0.0)
    total = exponentials.sum(dim=2, keepdim=True)
    return exponentials / total.where(valid.any(dim=2, keepdim=True), 1.0)
