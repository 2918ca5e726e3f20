"""Views the scores as rows, which works only for contiguous memory."""

import torch


def masked_softmax(scores, valid_lens=None):
    if valid_lens is None:
        return torch.softmax(scores, dim=-1)
    rows = scores.view(-1, scores.shape[-1])
    lengths = valid_lens
    if lengths.dim() == 1:
        lengths = lengths.repeat_interleave(scores.shape[1])
    padding = torch.arange(scores.shape[-1]) >= lengths.view(-1, 1)
    weights = torch.softmax(rows.masked_fill(padding, -torch.inf), -1).masked_fill(padding, 0.0)
    return weights.view(scores.shape)
