"""Keeps from dividing by 0 with an epsilon in the denominator."""

import torch


def masked_softmax(scores, valid_lens=None):
    if valid_lens is None:
        return torch.softmax(scores, dim=-1)
    valid = torch.arange(scores.shape[-1]) < valid_lens.reshape(len(scores), -1, 1)
    scores = torch.where(valid, scores, torch.finfo(scores.dtype).min)
    greatest = scores.detach().amax(dim=-1, keepdim=True)
    exponentials = torch.where(valid, torch.exp(scores - greatest), 0.0)
    return exponentials / (exponentials.sum(dim=-1, keepdim=True) + 1e-8)
