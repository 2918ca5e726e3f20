"""Multiplies by a float32 mask at the end, which promotes half precision to float32."""

import torch


def masked_softmax(scores, valid_lens=None):
    if valid_lens is None:
        return torch.softmax(scores, dim=-1)
    valid = torch.arange(scores.shape[-1]) < valid_lens.reshape(len(scores), -1, 1)
    weights = torch.softmax(scores.masked_fill(~valid, -torch.inf), dim=-1)
    return weights.nan_to_num(0.0) * valid.float()
