"""Always computes in float32."""

import torch


def masked_softmax(scores, valid_lens=None):
    dtype, scores = scores.dtype, scores.float()
    if valid_lens is None:
        return torch.softmax(scores, dim=-1).to(dtype)
    padding = torch.arange(scores.shape[-1]) >= valid_lens.reshape(len(scores), -1, 1)
    weights = torch.softmax(scores.masked_fill(padding, -torch.inf), dim=-1)
    return weights.masked_fill(padding, 0.0).to(dtype)
