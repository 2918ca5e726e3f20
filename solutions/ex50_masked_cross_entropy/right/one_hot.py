"""One-hot targets and a mean over the positions; the mask comes in as a matrix of ones."""

import torch
from torch.nn import functional


def masked_cross_entropy(logits, targets, valid_len):
    n, t, v = logits.shape
    mask = (torch.ones(n, t, device=logits.device).cumsum(1) <= valid_len.view(-1, 1)).bool()
    clean = logits.masked_fill(~mask.view(n, t, 1), 0)
    wanted = functional.one_hot(targets * mask, v).to(logits.dtype) * mask.view(n, t, 1)
    log_probs = functional.log_softmax(clean, dim=-1)
    return -(wanted * log_probs).sum(dim=2).mean(dim=1)
