"""Masks exp(scores - max) with `where`: nan in masked scores comes back in the gradient."""

import torch


def masked_softmax(scores, valid_lens=None):
    if valid_lens is None:
        return torch.softmax(scores, dim=-1)
    valid = torch.arange(scores.shape[-1]) < valid_lens.reshape(len(scores), -1, 1)
    greatest = torch.where(valid, scores.detach(), -torch.inf).amax(dim=-1, keepdim=True)
    greatest = torch.where(greatest.isfinite(), greatest, 0.0)
    exponentials = torch.where(valid, torch.exp(scores - greatest), 0.0)
    total = exponentials.sum(dim=-1, keepdim=True)
    return exponentials / torch.where(total > 0, total, 1.0)
