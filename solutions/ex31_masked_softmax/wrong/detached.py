"""Masks numbers without their history, so that no gradient comes back."""

import torch


def masked_softmax(scores, valid_lens=None):
    scores = scores.detach().clone()
    if valid_lens is None:
        return torch.softmax(scores, dim=-1)
    padding = torch.arange(scores.shape[-1]) >= valid_lens.reshape(len(scores), -1, 1)
    return torch.softmax(scores.masked_fill(padding, -torch.inf), -1).masked_fill(padding, 0.0)
