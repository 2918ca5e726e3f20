"""Takes a length of 0 for no length at all."""

import torch


def masked_softmax(scores, valid_lens=None):
    if valid_lens is None:
        return torch.softmax(scores, dim=-1)
    lengths = valid_lens.reshape(len(scores), -1, 1)
    lengths = torch.where(lengths == 0, scores.shape[-1], lengths)
    padding = torch.arange(scores.shape[-1]) >= lengths
    return torch.softmax(scores.masked_fill(padding, -torch.inf), -1).masked_fill(padding, 0.0)
