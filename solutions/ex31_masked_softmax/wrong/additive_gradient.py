"""Adds a mask of -inf to scores without nan: right weights, but nan gradients in empty rows."""

import torch


def masked_softmax(scores, valid_lens=None):
    if valid_lens is None:
        return torch.softmax(scores, dim=-1)
    lengths = valid_lens.reshape(len(scores), -1, 1)
    valid = torch.arange(scores.shape[-1]) < lengths
    mask = torch.where(valid, 0.0, -torch.inf).to(scores.dtype)
    cleaned = scores.nan_to_num(0.0, 0.0, 0.0)
    return torch.softmax(cleaned + mask, dim=-1).nan_to_num(0.0)
