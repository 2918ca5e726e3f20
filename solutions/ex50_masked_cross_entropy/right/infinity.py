"""Fills with -inf, which makes nan of the padding; it is filled again before anybody sees it."""

import torch


def masked_cross_entropy(logits, targets, valid_len):
    padding = torch.arange(targets.shape[1], device=logits.device) >= valid_len[:, None]
    scores = logits.masked_fill(padding[:, :, None], -torch.inf)
    tokens = targets.masked_fill(padding, 0)[:, :, None]
    losses = scores.log_softmax(-1).gather(-1, tokens)[:, :, 0]
    return -losses.masked_fill(padding, 0).mean(1)
