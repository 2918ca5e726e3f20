"""Only the valid positions are ever computed; their losses are added where they belong."""

import torch


def masked_cross_entropy(logits, targets, valid_len):
    n, t = targets.shape
    valid = torch.arange(t, device=logits.device).expand(n, t) < valid_len[:, None]
    rows, tokens = logits[valid], targets[valid]
    losses = -torch.log_softmax(rows, -1)[torch.arange(len(tokens)), tokens]
    samples = torch.arange(n, device=logits.device)[:, None].expand(n, t)[valid]
    return logits.new_zeros(n).index_add(0, samples, losses) / t
