"""The logarithm of the sum of exponentials, less the target's own score."""

import torch


def masked_cross_entropy(logits, targets, valid_len):
    valid = torch.arange(targets.size(1)).to(logits.device)[None] < valid_len[:, None]
    logits = torch.where(valid[..., None], logits, torch.zeros_like(logits))
    targets = torch.where(valid, targets, 0)
    chosen = torch.take_along_dim(logits, targets[..., None], -1)[..., 0]
    return torch.where(valid, logits.logsumexp(-1) - chosen, 0.0).sum(1) / targets.size(1)
