"""Exponentials written out; the greatest score is taken off first."""

import torch


def masked_cross_entropy(logits, targets, valid_len):
    length = logits.shape[1]
    kept = torch.stack([torch.arange(length, device=logits.device) < n for n in valid_len])
    scores = logits.masked_fill(kept.logical_not()[:, :, None], 1.0)
    scores = scores - scores.detach().amax(dim=-1, keepdim=True)
    log_sum = scores.exp().sum(dim=-1).log()
    index = targets.masked_fill(~kept, 0)[:, :, None]
    losses = log_sum - scores.gather(-1, index).squeeze(-1)
    return (losses * kept).sum(dim=1).div(length)
