"""Adds a mask of -inf and hides the nan of empty rows, but not in the gradient."""

import torch


def masked_softmax(scores, valid_lens=None):
    if valid_lens is None:
        return torch.softmax(scores, dim=-1)
    lengths = valid_lens.reshape(len(scores), -1, 1)
    valid = torch.arange(scores.shape[-1]) < lengths
    mask = torch.where(valid, 0.0, -torch.inf).to(scores.dtype)
    return torch.softmax(scores + mask, dim=-1).nan_to_num(0.0)
