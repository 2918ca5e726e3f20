"""All rows in one matrix, a finite fill, and a lookup table of masks."""

import torch


def masked_softmax(scores, valid_lens=None):
    if valid_lens is None:
        return scores.softmax(2)
    shape = scores.shape
    if valid_lens.dim() == 1:
        valid_lens = valid_lens.repeat_interleave(shape[1])
    table = torch.ones(shape[2] + 1, shape[2], dtype=torch.bool, device=scores.device).triu()
    padding = table[valid_lens.reshape(-1)]
    rows = scores.reshape(-1, shape[2]).masked_fill(padding, torch.finfo(scores.dtype).min)
    return rows.softmax(-1).masked_fill(padding, 0).reshape(shape)
