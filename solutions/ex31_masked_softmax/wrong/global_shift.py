"""Shifts by the greatest valid score of all rows, so that distant rows underflow to 0."""

import torch


def masked_softmax(scores, valid_lens=None):
    if valid_lens is None:
        return torch.softmax(scores, dim=-1)
    valid = torch.arange(scores.shape[-1]) < valid_lens.reshape(len(scores), -1, 1)
    scores = scores.masked_fill(~valid, -torch.inf)
    greatest = torch.nan_to_num(scores.detach().max(), neginf=0.0)
    exponentials = torch.exp(scores - greatest)
    total = exponentials.sum(dim=-1, keepdim=True)
    return exponentials / torch.where(total > 0, total, 1.0)
