"""Divides nought by nought in empty rows, and replaces what comes of it."""

import torch


def masked_softmax(scores, valid_lens=None):
    if valid_lens is None:
        return torch.softmax(scores, dim=-1)
    valid = torch.arange(scores.shape[-1]) < valid_lens.reshape(len(scores), -1, 1)
    scores = scores.masked_fill(~valid, torch.finfo(scores.dtype).min)
    exponentials = torch.exp(scores - scores.detach().amax(dim=-1, keepdim=True))
    exponentials = exponentials * valid
    total = exponentials.sum(dim=-1, keepdim=True)
    return torch.where(total > 0, exponentials / total, 0.0)
