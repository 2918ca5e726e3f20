"""Fills the scores in place."""

import torch


def masked_softmax(scores, valid_lens=None):
    if valid_lens is None:
        return torch.softmax(scores, dim=-1)
    padding = torch.arange(scores.shape[-1]) >= valid_lens.reshape(len(scores), -1, 1)
    padding = padding.expand_as(scores)
    with torch.no_grad():
        scores[padding] = -torch.inf
    return torch.softmax(scores, dim=-1).masked_fill(padding, 0.0)
