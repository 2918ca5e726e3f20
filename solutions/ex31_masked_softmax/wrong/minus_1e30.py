"""Fills with -1e30, which is not small beside the least scores of float64."""

import torch


def masked_softmax(scores, valid_lens=None):
    if valid_lens is None:
        return torch.softmax(scores, dim=-1)
    padding = torch.arange(scores.shape[-1]) >= valid_lens.reshape(len(scores), -1, 1)
    fill = max(-1e30, torch.finfo(scores.dtype).min)
    return torch.softmax(scores.masked_fill(padding, fill), -1).masked_fill(padding, 0.0)
